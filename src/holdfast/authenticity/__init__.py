"""Is this really us: the register of official channels, the checker, codes in what we send, and impostors."""
