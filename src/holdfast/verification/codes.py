"""Codes to the e-mail address or telephone on file: six digits, five tries, ten minutes."""

import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.keys import key_ring
from holdfast.conversations.models import Conversation
from holdfast.core.i18n import translate
from holdfast.people.mail import send_later
from holdfast.people.models import ContactPoint
from holdfast.verification.policy import MARGIN, Case, Method
from holdfast.verification.ports import outside

LIFETIME = timedelta(minutes=10)
TRIES = 5
KINDS = {Method.EMAIL: "email", Method.SMS: "phone"}


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def hashed(challenge_id: UUID, code: str) -> bytes:
    """Keyed, because six digits could be tried out; bound to the challenge, so that it fits no other."""
    return key_ring().blind_index(f"{challenge_id.hex}:{code}", "verification_challenge.code")


def is_right(challenge_id: UUID, code: str, code_hash: bytes | None) -> bool:
    # Also the digits of an Arabic keyboard.
    digits = "".join(str(unicodedata.decimal(letter)) for letter in code if letter.isdecimal())
    return code_hash is not None and hmac.compare_digest(hashed(challenge_id, digits), bytes(code_hash))


def on_file(contacts: Sequence[ContactPoint], kind: str, case: Case) -> ContactPoint | None:
    """Where a code may go: what was there before the case. One that was there a day before comes first, whatever was
    vouched for since: whoever is in the account for an hour can change it. ``contacts``: the last vouched first."""
    there = [point for point in contacts if point.kind == kind and point.created_at <= case.opened_at]
    long_there = [point for point in there if point.created_at <= case.opened_at - MARGIN]
    return next(iter(long_there or there), None)


async def send(
    session: AsyncSession, method: Method, to: ContactPoint, code: str, conversation: Conversation, organisation: str
) -> None:
    """With the transaction's commit."""
    language = conversation.language
    text = translate(
        "{code} is your code for {organisation}. It is valid for {minutes} minutes, in the chat where you asked for it."
        " Give it to nobody, not even to us by phone. If you did not ask for it, ignore this.",
        language,
        code=code,
        organisation=organisation,
        minutes=int(LIFETIME.total_seconds() // 60),
    )
    # Impostors send codes too: by their own words customers tell which is ours.
    below = await outside().stamps.below(session, conversation)
    if below:
        text = f"{text}\n\n{below}"
    texts = outside().texts
    if method is Method.EMAIL:
        # No code in the subject: it is shown on locked screens.
        subject = translate("Your code for {organisation}", language, organisation=organisation)
        await send_later(session, to.value, subject, f"{text}\n")
    elif texts is not None:
        await texts.send(session, to.value, text)
