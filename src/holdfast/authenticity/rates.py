"""How often the public may ask: counted by network, minute by minute, in this process."""

from collections import Counter

from holdfast.core.clock import now
from holdfast.core.errors import RateLimited

# A minute, from one network. A check code has 35 random bits: at this rate one network finds one of a case with 1,000
# messages in 2.2 years.
CHECKS = 30
REPORTS = 6
# Networks remembered within a minute; beyond it everybody is counted as one.
_MOST = 20_000


class Rate:
    """So many a minute for each key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = 0
        self._taken: Counter[str] = Counter()

    def take(self, key: str) -> None:
        """Count one. Raises RateLimited."""
        minute = int(now().timestamp()) // 60
        if minute != self._minute:
            self._minute, self._taken = minute, Counter()
        if len(self._taken) >= _MOST and key not in self._taken:
            key = "*"
        self._taken[key] += 1
        if self._taken[key] > self._most:
            raise RateLimited
