"""Letters come in by IMAP and LMTP, answers go out by SMTP: the same conversations as any other channel."""
