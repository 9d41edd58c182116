"""The Asterisk that comes along: fetched, verified, unpacked without root, configured from our settings, run, checked.

docs/decisions/0034-asterisk-is-brought-along.md says why, docs/operations/voice.md what is where.
"""
