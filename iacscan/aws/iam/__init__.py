"""What policies of users, roles and groups give away in S3."""
