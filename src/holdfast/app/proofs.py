"""What verification asks of those above it and of the outside (``verification/ports.py``)."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.app.nodes import nodes
from holdfast.app.texts import QueuedTexts
from holdfast.authenticity import codes
from holdfast.channels.chat.identity import IdentityInvalid, verify_identity
from holdfast.conversations.models import Conversation, Inbox
from holdfast.core.settings import Settings, SettingsError
from holdfast.paging import apprise_way
from holdfast.people.mail import can_send, send_later
from holdfast.verification.ports import Outside, Texts, Vouched


class SignedTokens:
    """The wallet's back end vouches as it does for the chat, and names the challenge in ``nonce``."""

    def read(self, inbox: Inbox, token: str) -> Vouched | None:
        try:
            identity = verify_identity(inbox, token)
        except IdentityInvalid:
            return None
        return Vouched(identity.subject, identity.nonce)


class Footers:
    """The words by which a customer knows that a mail or text message is ours."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    async def below(self, session: AsyncSession, conversation: Conversation) -> str:
        return (await codes.stamp(session, conversation, None)).footer(conversation.language, self._origin)


class KeptTexts:
    """A demo's short messages: kept beside its mails, to be read at /demo/mail."""

    async def send(self, session: AsyncSession, to: str, text: str) -> None:
        await send_later(session, to, "SMS", f"{text}\n")


def texts(settings: Settings) -> Texts | None:
    if settings.demo:
        return KeptTexts()
    if settings.sms_url is None:
        return None
    if not apprise_way.understood("sms", settings.sms_url):
        # Without its value, which holds a key.
        raise SettingsError(
            f"HOLDFAST_SMS_URL must begin with one of {', '.join(apprise_way.PROVIDERS['sms'])}://,"
            " and be complete (docs/operations/verification.md)"
        )
    return QueuedTexts()


def outside(settings: Settings) -> Outside:
    """Raises SettingsError for a chain that is asked by no node, and for an account for texts that is none."""
    try:
        named = nodes(settings)
    except ValueError as error:
        raise SettingsError(f"HOLDFAST_NODES: {error}") from None
    return Outside(
        nodes=named,
        tokens=SignedTokens(),
        stamps=Footers(settings.origin),
        texts=texts(settings),
        mails=can_send(settings),
    )
