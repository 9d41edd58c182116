"""Whole servers and well-behaved clients, for tests that look at Holdfast from the outside."""
