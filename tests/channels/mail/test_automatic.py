"""What a rule says goes out by letter, too, and repeats nothing of the customer's."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

from holdfast.access.viewer import SystemViewer
from holdfast.channels.mail import outbox
from holdfast.channels.mail.courier import Courier
from holdfast.conversations import automatic, operations
from holdfast.conversations.intake import IncomingMessage, chat_source
from holdfast.conversations.models import Conversation
from tests.channels.mail.conftest import LI, House


async def _text(house: House, conversation: Conversation) -> EmailMessage:
    """The letter that answers now."""
    async with house.desk.database.transaction() as session:
        await outbox.collect(session, [conversation.id])
        await outbox.Answers(house.settings)(session, conversation.id)
    (sent,) = [one for one in await house.sent() if one.kind == "answer"]
    async with house.desk.database.transaction() as session:
        ready = await Courier(house.settings, house.desk.database)._made(session, await session.merge(sent))
    assert ready is not None
    assert ready.to == LI
    letter = message_from_bytes(ready.raw, policy=default)
    assert isinstance(letter, EmailMessage)
    return letter


def _words(letter: EmailMessage) -> str:
    page = letter.get_body(("plain",))
    assert page is not None
    return str(page.get_content()).replace("\r", "")


async def test_a_rules_message_is_an_automatic_letter_under_our_own_subject(house: House) -> None:
    conversation = await house.open("Where is my money?", subject="Withdrawal of Li")
    async with house.desk.database.transaction() as session:
        await automatic.say(
            session, SystemViewer("automation"), conversation.id, "We close this on Friday.", b"once", public=True
        )
    letter = await _text(house, conversation)
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["In-Reply-To"] is None
    assert conversation.reference in letter["Subject"]
    text = _words(letter)
    assert "Sent automatically:\nWe close this on Friday." in text
    assert "Withdrawal" not in letter["Subject"] + text
    assert "Where is my money" not in text


async def test_a_message_that_had_its_time_set_is_an_answer_that_says_so(house: House) -> None:
    """In the customer's language; what an agent sends at once beside it says nothing of the kind."""
    conversation = await house.open("Wo ist mein Geld?", subject="Auszahlung")
    async with house.desk.database.transaction() as session:
        row = await session.get_one(type(conversation), conversation.id)
        row.language = "de"
        for number, (source, words) in enumerate((("chat", "Ich sehe nach."), ("scheduled", "Es ist da."))):
            key = chat_source(conversation.id, UUID(int=number))
            message = IncomingMessage(source, key, "agent", house.desk.ana.id, words)
            await operations.post(session, SystemViewer("scheduled"), conversation.id, message)
    letter = await _text(house, conversation)
    assert letter["Auto-Submitted"] is None
    assert letter["Subject"] == "Re: Auszahlung"
    assert _words(letter).startswith("Ich sehe nach.\n\nAutomatisch gesendet:\nEs ist da.\n")
