"""The Terraform language: syntax, expressions, modules; knows nothing of AWS."""
