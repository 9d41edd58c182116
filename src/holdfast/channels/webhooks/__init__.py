"""Outgoing webhooks: what happens to conversations, told to the organisation's own systems."""
