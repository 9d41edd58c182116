"""How often the widget's requests may come. Each kind is counted apart, so that one cannot use up another's rate."""

import time

from holdfast.channels.chat.connection import Buckets
from holdfast.core.errors import RateLimited
from holdfast.core.settings import Settings

# A minute, from one network: what every page with the widget asks once, behind a mobile carrier's gate too. Never fewer
# than it may open conversations.
STARTS = 120.0
# A minute, with one token: nobody rates or changes the language more often than they can tap.
ACTS = 30.0


class Rates:
    """Openings, emergencies and uploads by network (``Settings.opening_rate`` each); starts by network; what is done
    with a conversation by its token, raising it to an emergency apart from everything else."""

    def __init__(self, settings: Settings) -> None:
        self.openings = _Rate(settings.opening_rate)
        self.emergency_openings = _Rate(settings.opening_rate)
        self.uploads = _Rate(settings.opening_rate)
        self.starts = _Rate(max(STARTS, settings.opening_rate))
        self.acts = _Rate(ACTS)
        self.emergencies = _Rate(ACTS)


class _Rate:
    def __init__(self, a_minute: float) -> None:
        self._buckets = Buckets(a_minute / 60, a_minute)

    def take(self, key: str) -> None:
        """Count one. Raises RateLimited."""
        if not self._buckets.take(key, time.monotonic()):
            raise RateLimited
