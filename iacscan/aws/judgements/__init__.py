"""Questions that a bucket policy is asked, one a module: is it public, does it refuse plain HTTP, would AWS take it."""
