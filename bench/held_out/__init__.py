"""The held-out test of the redaction: written by somebody who has not seen its code, tests or tuning samples."""
