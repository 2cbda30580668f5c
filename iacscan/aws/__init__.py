"""Pure AWS semantics: policy documents, patterns, "public", ACL grants, ARNs, access decisions.

Nothing here does I/O or knows Terraform; everything is three-valued (see :mod:`iacscan.core`).
"""
