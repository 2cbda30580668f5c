"""The patterns by which CloudWatch and EventBridge choose events."""
