"""What callers hear: prompts by name in every language, digits, numbers, a lead's own words, music.

Spoken by espeak-ng where nobody has recorded them. ``store.Prompts`` is the way in.
"""
