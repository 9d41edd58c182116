"""Holdfast: the support hotline of a crypto wallet."""

__version__ = "0.1.0"
