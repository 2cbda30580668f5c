"""Who gets into a bucket, by policy, ACL and access points, and what stops them."""
