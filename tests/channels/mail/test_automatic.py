"""What a rule says goes out by letter, too, and repeats nothing of the customer's."""

from email import message_from_bytes
from email.policy import default

from holdfast.access.viewer import SystemViewer
from holdfast.channels.mail import outbox
from holdfast.channels.mail.courier import Courier
from holdfast.conversations import automatic
from tests.channels.mail.conftest import LI, House


async def test_a_rules_message_is_an_automatic_letter_under_our_own_subject(house: House) -> None:
    conversation = await house.open("Where is my money?", subject="Withdrawal of Li")
    async with house.desk.database.transaction() as session:
        await automatic.say(
            session, SystemViewer("automation"), conversation.id, "We close this on Friday.", b"once", public=True
        )
        await outbox.collect(session, [conversation.id])
        await outbox.Answers(house.settings)(session, conversation.id)
    (sent,) = [one for one in await house.sent() if one.kind == "answer"]
    async with house.desk.database.transaction() as session:
        ready = await Courier(house.settings, house.desk.database)._made(session, await session.merge(sent))
    assert ready is not None
    assert ready.to == LI
    letter = message_from_bytes(ready.raw, policy=default)
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["In-Reply-To"] is None
    assert conversation.reference in letter["Subject"]
    page = letter.get_body(("plain",))
    assert page is not None
    text = page.get_content()
    assert "We close this on Friday." in text
    assert "Withdrawal" not in letter["Subject"] + text
    assert "Where is my money" not in text
