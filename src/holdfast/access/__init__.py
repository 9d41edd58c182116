"""Who may see what: viewers, field encryption, the audit log."""
