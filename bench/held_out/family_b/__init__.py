"""Family B: the phrases and secrets of which the figure is claimed. It shares the word lists and key formats with family A."""
