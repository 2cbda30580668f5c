"""What becomes of findings after they are judged: suppressed, known from before, or new."""
