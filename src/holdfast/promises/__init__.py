"""What a customer is promised, by when, and what became of it."""
