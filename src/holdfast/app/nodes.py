"""The nodes of chains that the operator has named, reached by the one way out."""

from holdfast.chains.nodes import Nodes
from holdfast.chains.ports import Fetch, NodeFailed
from holdfast.core.outgoing import Outgoing, OutgoingError, outgoing_of
from holdfast.core.settings import Settings


def nodes(settings: Settings) -> Nodes:
    """Raises ValueError for a chain that is none. A node in a network of one's own, or in clear, needs
    HOLDFAST_OUTGOING_NETWORKS, HOLDFAST_OUTGOING_HTTP_HOSTS."""
    return Nodes(fetch_by(outgoing_of(settings)), settings.nodes)


def fetch_by(outgoing: Outgoing) -> Fetch:
    async def fetch(method: str, url: str, json: object | None = None) -> tuple[int, bytes]:
        try:
            return await outgoing.fetch(method, url, json)
        except OutgoingError as error:
            raise NodeFailed(error.reason) from error

    return fetch
