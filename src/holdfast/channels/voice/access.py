"""Where an engine's ARI is, and who may use it."""

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Access:
    """Where the engine's HTTP server is (http:// or https://, without /ari), and a user of its ari.conf."""

    url: str
    user: str
    password: str = field(repr=False)

    def events(self, application: str) -> str:
        """The events' address. The password goes in a header: an address ends up in logs."""
        return f"ws{self.url.removeprefix('http').rstrip('/')}/ari/events?{urlencode({'app': application})}"

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Basic {b64encode(f'{self.user}:{self.password}'.encode()).decode()}"}
