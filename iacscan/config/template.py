"""The configuration file that ``iacscan init`` writes: every key, explained, and none of them set."""

TEMPLATE = """\
# Settings of iacscan for this project: docs/configuration.md explains them, `iacscan scan --print-config`
# shows what is in force. Options of the command line win over this file.

# The lowest severity that makes the exit code 1: low, medium, high, critical, never.
# fail_on: medium

# Whether a verdict that cannot be known before apply makes the exit code 1, too.
# fail_on_unknown: false

# Rules by id or glob: only these, not these, these opt-in ones too. `iacscan rules` lists them.
# select: [public-*]
# ignore: [mfa-delete-disabled]
# enable: [sse-not-kms]

# A named choice of rules; `iacscan rules` lists them, too.
# profile: cis

# Directories with rules of your own, from here.
# policies: [policies]

# Accounts that may be let in.
# trusted_accounts: ["111122223333"]

# With `account`, what is judged is all that there is in its account: a missing trail or alarm counts.
# scope: account

# Single rules: severity, whether they run, and their parameters (`iacscan explain RULE`).
# rules:
#   access-logging-disabled:
#     severity: low
#   untagged-public-bucket:
#     params:
#       key: exposure
#   website-endpoint:
#     enabled: false

# Findings that are not to count, and why. `resource` and `path` are globs; `until` is the last day.
# In source, `# iacscan:ignore=RULE reason` above a block or in it does the same.
# suppressions:
#   - rule: public-policy
#     resource: module.website.*
#     path: infra/website/**
#     until: 2027-06-30
#     reason: public by design, reviewed by security

# The key of a tag that may list rules not to count for its bucket.
# suppress_by_tag: iacscan-ignore
"""
