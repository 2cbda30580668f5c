"""Policy documents: their language, and what one of them says to one request."""
