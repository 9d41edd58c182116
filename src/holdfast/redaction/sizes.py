"""Where among list words a whole phrase may lie."""

from holdfast.redaction import checksums
from holdfast.redaction.lists import WordList

# More words in a row than two phrases have; if they repeat as well, they are none.
_MANY = 66


def size_of(count: int, list_: WordList) -> int:
    """The length of phrase that ``count`` words make: words beside it and a missing one are not counted."""
    return next((size for size in list_.sizes if size <= count), list_.sizes[-1])


def valid_windows(words: list[str], list_: WordList) -> list[tuple[int, int]]:
    """First and last+1 of the stretches whose checksum is right, longest first (1 random one in 16 to 256 is)."""
    if len(words) > _MANY and len(set(words)) < 0.25 * len(words):
        return []
    windows = [
        (first, first + size)
        for size in list_.sizes
        for first in range(len(words) - size + 1)
        if checksums.right(words[first : first + size], list_)
    ]
    if not windows and list_.name != "slip39":
        # Up to three words introduce it. More places would be more chances to be right by accident (1 in 235).
        for size in (24, 12):
            for first in range(max(0, len(words) - size - 3), len(words) - size + 1):
                if len(words) - size <= 3 and checksums.electrum(words[first : first + size], list_):
                    windows.append((first, first + size))
    return windows
