"""What is kept of whom and for how long: export, erasure, retention, legal hold, the periodic security review."""
