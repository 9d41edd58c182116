"""Address codecs and checksums, and readers of the chains."""
