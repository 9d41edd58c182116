"""The challenge's text and the verifiers of its signatures: pure, but for the readers that are handed in."""
