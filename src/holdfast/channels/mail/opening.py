"""What is kept of a letter beside its entry: its layout, and its raw form, which is opened for a purpose and written
down."""

import asyncio
import re

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import queries as access
from holdfast.access.audit import record
from holdfast.access.errors import PurposeUnknown
from holdfast.access.viewer import StaffViewer
from holdfast.channels.mail import queries
from holdfast.channels.mail.errors import LetterNotKept
from holdfast.channels.mail.reach import masked
from holdfast.channels.mail.screening import parts_of
from holdfast.conversations.models import Conversation
from holdfast.core.errors import HoldfastError
from holdfast.core.files import FileStore
from holdfast.people import queries as people

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


async def kept(session: AsyncSession, files: FileStore, conversation: Conversation, seq: int) -> tuple[str, str]:
    """The raw letter and its cleaned HTML. Raises LetterNotKept."""
    row = next((one for one in await queries.letters_of(session, conversation.id) if one.seq == seq), None)
    if row is None or not row.raw or row.raw_key is None:
        raise LetterNotKept
    try:
        return parts_of(await asyncio.to_thread(files.read, row.raw, row.raw_key))
    except HoldfastError:
        raise LetterNotKept from None


async def raw(
    session: AsyncSession, files: FileStore, viewer: StaffViewer, conversation: Conversation, seq: int, purpose: str
) -> str:
    """The raw letter, with the customer's addresses as they are shown everywhere: one in clear is asked for by itself.
    Raises LetterNotKept, PurposeUnknown."""
    chosen = await access.purpose(session, purpose)
    if chosen is None or not chosen.active:
        raise PurposeUnknown
    text, _ = await kept(session, files, conversation, seq)
    theirs = {
        point.value.lower()
        for point in await people.contact_points(session, conversation.customer_id)
        if point.kind == "email"
    }
    record(session, viewer, "mail.raw_shown", ("conversation", conversation.id), purpose=chosen.key, seq=seq)
    return _ADDRESS.sub(lambda found: masked(found[0]) if found[0].lower() in theirs else found[0], text)
