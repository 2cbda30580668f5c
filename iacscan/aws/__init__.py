"""Pure AWS semantics: nothing here does I/O or knows Terraform; everything is three-valued.

``policies`` is the language of policy documents, ``judgements`` are the questions that a bucket policy is
asked, ``reach`` works out who gets in, ``iam`` reads identity policies, ``monitoring`` event patterns.
"""
