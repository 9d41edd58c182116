"""Whether a sender pretends to be us: a name like ours, an address of ours in the name, a domain that looks like
ours."""

import re
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.authenticity import queries as authenticity
from holdfast.authenticity import targets
from holdfast.authenticity.lookalikes import judge
from holdfast.channels.mail.letters import Letter
from holdfast.channels.mail.models import Mailbox
from holdfast.core.clock import now
from holdfast.core.settings import Settings
from holdfast.redaction.outgoing.letters import skeleton

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Names that are shorter say nothing.
_LONG = 4


def is_ours(letter: Letter, addresses: Sequence[str]) -> bool:
    """A letter from a mailbox of ours, with or without a token: whoever wrote it, nobody answers it."""
    local, _, domain = letter.sender.partition("@")
    return f"{local.partition('+')[0]}@{domain}" in addresses


def like_us(name: str, sender: str, names: Sequence[str], domains: Sequence[str]) -> bool:
    """Pure: of a name that is shown and the address behind it."""
    if any(found.lower() != sender for found in _ADDRESS.findall(name)):
        return True
    if sender.rpartition("@")[2] in domains:
        return True
    seen = re.sub(r"[\W_]+", "", skeleton(name))
    for own in names:
        ours = re.sub(r"[\W_]+", "", skeleton(own))
        if len(ours) >= _LONG and ours in seen:
            return True
    return False


async def pretends(
    session: AsyncSession, settings: Settings, letter: Letter, ours: Sequence[Mailbox], *, genuine: bool
) -> bool:
    """``genuine`` (DMARC passes) says that the letter was written in its sender's domain: whoever writes from ours is
    one of us then. Of any other domain it says only that its owner is no forger of it; they name themselves as they
    like."""
    names = [settings.organisation, *(mailbox.name for mailbox in ours)]
    domains = [mailbox.address.rpartition("@")[2] for mailbox in ours]
    if genuine and letter.sender.rpartition("@")[2] in domains:
        return False
    if like_us(letter.sender_name, letter.sender, names, domains):
        return True
    register = await authenticity.register(session)
    return judge(targets.read(letter.sender, "mail"), register, now()).status == "lookalike"
