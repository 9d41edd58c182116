"""Letters become entries, or wait in the quarantine: each in one place, none with a secret in it."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import select

from holdfast.access.errors import PurposeUnknown
from holdfast.access.models import AuditEntry, Purpose
from holdfast.access.viewer import StaffViewer
from holdfast.channels.mail import mailboxes, opening, quarantine, threads
from holdfast.channels.mail.errors import LetterNotKept, LetterUnanswerable, LetterUnknown
from holdfast.channels.mail.imap import Account
from holdfast.channels.mail.models import Mailbox, StoredLetter
from holdfast.conversations.facts import ConversationOpened, SecretFound
from holdfast.conversations.models import Attachment, Conversation, Message
from holdfast.people.models import Customer
from tests.channels.mail.conftest import LI, House, written
from tests.redaction.ways import KEY, PHRASE


async def test_a_letter_opens_a_conversation_and_an_answer_goes_on_with_it(house: House) -> None:
    conversation = await house.open("Where is my money?\n\n-- \nLi Wei", subject="Withdrawal")
    assert (conversation.channel, conversation.language, conversation.seq) == ("email", "en", 2)
    assert [fact for fact in house.desk.facts if isinstance(fact, ConversationOpened)]
    entry = (await house.timeline(conversation.id))[-1]
    assert entry.body == "Withdrawal\n\nWhere is my money?"
    address = threads.reply_address(conversation.id, "support@wallet.example")
    assert await house.take(written("It has come.", "Re: Withdrawal", to=address)) == "taken"
    identifier = threads.message_id(conversation.id, 2, "wallet.example")
    assert await house.take(written("Thanks!", "回复: Withdrawal", In_Reply_To=f"<{identifier}>")) == "taken"
    assert [m.body for m in await house.timeline(conversation.id)][2:] == ["It has come.", "Thanks!"]
    assert await house.count(Conversation) == 1


async def test_the_same_letter_is_one_however_often_and_by_whatever_way_it_comes(house: House) -> None:
    raw = written("Once")
    copies = [
        raw,
        raw.replace(b"\n", b"\r\n"),
        b"Received: from a by b\n\twith LMTP\nReturn-Path: <li@example.net>\n" + raw,
    ]
    states = await asyncio.gather(*(house.take(copy) for copy in copies * 3))
    assert set(states) == {"taken"}
    assert await house.count(Conversation) == 1
    assert await house.count(StoredLetter) == 1
    # Without a Message-ID too; and two letters that differ in a word are two.
    for text in ("a", "a", "b"):
        await house.take(f"From: x{text}@example.net\nSubject: s\n\n{text}".encode())
    assert await house.count(StoredLetter) == 3


@pytest.mark.parametrize(
    ("why", "more"),
    [
        ("number_in_subject", {"subject": "[HF-7K3M-92QX] urgent"}),
        ("pretends", {"sender": "Holdfast Wallet Support <help@elsewhere.example>"}),
        ("pretends", {"sender": "Hоldfаst Wаllet <help@elsewhere.example>"}),
        ("pretends", {"sender": '"support@wallet.example" <help@elsewhere.example>'}),
        ("pretends", {"sender": "Li <boss@wallet.example>"}),
        ("loop", {"sender": "support@wallet.example"}),
        ("loop", {"sender": "zh+anything@wallet.example"}),
        ("automatic", {"Auto_Submitted": "auto-replied"}),
        ("list", {"List_Id": "<news.example>"}),
        ("false_thread", {"In_Reply_To": "<hf.00.1.00@wallet.example>"}),
        ("bounce", {"sender": "MAILER-DAEMON@mx.example", "Return_Path": "<>"}),
    ],
)
async def test_what_is_not_to_be_trusted_waits(house: House, why: str, more: dict[str, str]) -> None:
    assert await house.take(written("Answer me", **more)) == "quarantined"
    row = await house.last()
    assert row.why == why
    assert (await house.words(row)).text.endswith("Answer me")
    assert await house.count(Conversation) == 0
    assert await house.sent() == []


async def test_a_stranger_with_a_known_reference_waits_and_is_admitted_beside_the_thread(house: House) -> None:
    conversation = await house.open()
    identifier = threads.message_id(conversation.id, 2, "wallet.example")
    address = threads.reply_address(conversation.id, "support@wallet.example")
    eve = {"sender": "Eve <eve@elsewhere.example>"}
    for letter in (
        written("Send it to me", References=f"<{identifier}>", **eve),
        written("Send it to me!", to=address, **eve),
    ):
        assert await house.take(letter) == "quarantined"
        assert (await house.last()).why == "stranger"
    assert len(await house.timeline(conversation.id)) == 2
    row = await house.last()
    async with house.desk.database.transaction() as session:
        other = await quarantine.admit(session, house.intake.keys, house.desk.ana, row.id)
    assert other.id != conversation.id
    assert other.customer_id != conversation.customer_id
    assert (await house.timeline(other.id))[-1].body == "Help\n\nSend it to me!"
    with pytest.raises(LetterUnknown):
        async with house.desk.database.transaction() as session:
            await quarantine.admit(session, house.intake.keys, house.desk.ana, row.id)


async def test_a_known_address_in_from_makes_nobody_a_proven_customer(house: House) -> None:
    await house.prove()
    conversation = await house.open()
    async with house.desk.database.transaction() as session:
        customer = await session.get_one(Customer, conversation.customer_id)
    assert not customer.proven
    # Whoever writes again is the same unproven customer.
    again = await house.open("Another matter", subject="Fees")
    assert again.customer_id == conversation.customer_id


async def test_a_receipt_goes_to_proven_addresses_only_and_within_a_budget(house: House) -> None:
    await house.open()
    assert await house.sent() == []
    await house.prove()
    for number in range(6):
        await house.open(f"Matter {number}", subject=f"About {number}")
    assert [letter.kind for letter in await house.sent()] == ["receipt"] * 3


async def test_one_address_cannot_flood_the_queue(house: House) -> None:
    for number in range(32):
        await house.take(written(f"text {number}", sender="x@example.org"))
    assert [row.why for row in await house.letters()].count("flood") == 2


@pytest.mark.parametrize("secret", [PHRASE, KEY])
async def test_no_secret_of_a_letter_is_stored_anywhere(house: House, secret: str, tmp_path: Path) -> None:
    """In the subject, the text, the quote, the HTML, a file's text and name, and a header; taken and quarantined."""
    hidden = f"<p>Hi</p><div style='display:none'>{secret}</div>"
    html = f"From: Li <li@example.net>\nSubject: x\nContent-Type: text/html\n\n{hidden}"
    letters = [
        written(f"My phrase is {secret}"),
        written("Hi", subject=f"help {secret}"[:300]),
        written(f"Hi\n\nOn 3 Mar 2026, Us <a@b.example> wrote:\n> {secret}\n"),
        written("Hi there", X_Mailer=secret),
        written("Hi there, too", X_Note=secret),
        written(f"Hi {secret}", sender="Eve <MAILER-DAEMON@x.example>"),
        written("Hi", sender=f'"{secret}" <li@example.net>'),
        written("Hi", sender=f"{KEY}@example.org"),
        html.encode(),
        b"no letter at all " + secret.encode(),
        (
            "From: li@example.net\nContent-Type: multipart/mixed; boundary=x\n\n"
            "--x\n\nHi\n--x\nContent-Type: text/csv\n"
            f'Content-Disposition: attachment; filename="{secret}.csv"\n\n{secret}\n--x--\n'
        ).encode(),
    ]
    for letter in letters:
        await house.take(letter)
    assert await house.count(StoredLetter) == len(letters)
    with psycopg.connect(house.desk.dsn) as connection:
        tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        dump = "\n".join(str(row) for table in tables for row in connection.execute(f'SELECT * FROM "{table}"'))
    first = secret.split(maxsplit=1)[0] if " " in secret else secret
    assert first not in dump
    for row in await house.letters():
        assert row.raw == "" or secret.encode() not in house.intake.files.read(row.raw, row.raw_key)
        if row.sealed is not None:
            words = await house.words(row)
            assert secret not in str(words)
            for name, key in [(f.key, f.file_key) for f in words.files] + (
                [(words.raw, words.raw_key)] if words.raw else []
            ):
                assert secret.encode() not in house.intake.files.read(name, key)
    assert [fact for fact in house.desk.facts if isinstance(fact, SecretFound)]


async def test_a_phrase_in_two_letters_is_hidden_in_both(house: House) -> None:
    words = PHRASE.split()
    conversation = await house.open(" ".join(words[:6]), subject="")
    row = await house.last()
    # What may be a piece is kept in no raw letter.
    assert row.raw == ""
    address = threads.reply_address(conversation.id, "support@wallet.example")
    await house.take(written(" ".join(words[6:]), subject="", to=address))
    bodies = [m.body for m in await house.timeline(conversation.id) if m.kind == "public"]
    assert all(body.startswith("[⛔ recovery_phrase") for body in bodies), bodies


async def test_the_raw_letter_is_kept_sealed_when_nothing_was_found(house: House) -> None:
    await house.open("Nothing secret here")
    async with house.desk.database.transaction() as session:
        row = await session.get_one(StoredLetter, (await house.last()).id)
        assert b"Nothing secret here" in house.intake.files.read(row.raw, row.raw_key)
    on_disk = b"".join(p.read_bytes() for p in house.intake.files.root.rglob("*") if p.is_file())
    assert b"Nothing" not in on_disk


async def test_files_come_along_and_what_is_no_file_for_us_is_counted(house: House) -> None:
    raw = (
        b"From: li@example.net\nSubject: Files\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nSee these\n"
        b"--x\nContent-Type: text/plain; charset=gb18030\nContent-Disposition: attachment; filename=log.txt\n\n"
        + "日志".encode("gb18030")
        + b"\n--x\nContent-Type: application/zip\nContent-Disposition: attachment; filename=a.zip\n\n"
        b"PK\x03\x04zip\n--x--\n"
    )
    assert await house.take(raw) == "taken"
    row = await house.last()
    assert row.conversation_id
    async with house.desk.database.transaction() as session:
        file = (await session.scalars(select(Attachment))).one()
        assert (file.name, file.seq, file.state) == ("log.txt", 2, "clear")
        assert house.intake.files.read(file.key, file.file_key).decode().strip() == "日志"
    assert (await house.timeline(row.conversation_id))[-1].event == {"type": "mail_files", "count": 1}


async def test_a_text_as_long_as_a_book_is_a_file(house: House) -> None:
    conversation = await house.open("word " * 20_000)
    entry = next(m for m in await house.timeline(conversation.id) if m.kind == "public")
    assert len(entry.body) < 8000
    assert await house.count(Attachment) == 1


async def test_a_bounce_marks_the_conversation_and_the_contact_point(house: House) -> None:
    conversation = await house.open()
    identifier = threads.message_id(conversation.id, 2, "wallet.example")
    report = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: support@wallet.example\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\n"
        "Sorry, no such user SECRETWORD\n"
        "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nAction: failed\nStatus: 5.1.1\n\n"
        f"--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{identifier}>\n\n--x--\n"
    ).encode()
    assert await house.take(report) == "bounce"
    assert (await house.timeline(conversation.id))[-1].event == {"type": "mail_bounced", "status": "5.1.1"}
    with psycopg.connect(house.desk.dsn) as connection:
        assert connection.execute("SELECT count(*) FROM contact_point WHERE bounced_at IS NOT NULL").fetchone() == (1,)
    # Signed for another entry, or by nobody: it waits.
    forged = report.replace(identifier.split(".")[3].split("@")[0].encode(), b"0" * 32)
    assert await house.take(forged) == "quarantined"


async def test_what_nobody_can_read_waits_and_is_destroyed_for_good(house: House) -> None:
    assert await house.take(b"\x00\xff not a letter") == "quarantined"
    row = await house.last()
    assert row.why == "unreadable"
    viewer: StaffViewer = house.desk.ana
    async with house.desk.database.transaction() as session:
        _, words = await quarantine.read(session, house.intake.keys, viewer, row.id)
        with pytest.raises(LetterUnanswerable):
            await quarantine.admit(session, house.intake.keys, viewer, row.id)
    assert "not a letter" in words.text
    async with house.desk.database.transaction() as session:
        await quarantine.discard(session, house.intake.keys, house.intake.files, viewer, row.id)
    async with house.desk.database.transaction() as session:
        await quarantine.Shredder(house.intake.keys)(session, row.id)
    assert house.intake.keys.get(row.id) is None
    assert not [path for path in house.intake.files.root.rglob("*") if path.is_file()]


async def test_a_fault_of_ours_with_one_letter_does_not_block_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from holdfast.channels.mail import entering

    async def broken(*_: object) -> None:
        raise ValueError("secret words of the letter")

    with monkeypatch.context() as patch:
        patch.setattr(entering, "open_by", broken)
        assert await house.take(written("unlucky")) == "quarantined"
    assert (await house.last()).why == "unreadable"
    assert await house.take(written("lucky")) == "taken"


async def test_only_who_answers_sees_the_quarantine(house: House) -> None:
    await house.take(written("x", subject="HF-7K3M-92QX"))
    row = await house.last()
    nobody = StaffViewer(uuid4(), "Auditor", frozenset())
    with pytest.raises(LetterUnknown):
        async with house.desk.database.transaction() as session:
            await quarantine.read(session, house.intake.keys, nobody, row.id)


async def test_letters_in_chinese_get_the_mailbox_s_language(house: House) -> None:
    assert await house.intake.take(house.chinese.id, written("我的提现没有到账", to="zh@wallet.example")) == "taken"
    (conversation,) = await house.conversations()
    assert conversation.language == "zh-Hans"
    assert await house.thread_of(conversation.id) == LI
    async with house.desk.database.transaction() as session:
        assert await session.get(Message, (conversation.id, 2)) is not None


SPY = '<img src="https://spy.example/x.gif"><script>alert(1)</script><a href="javascript:x">here</a>'
HTML = f"<p>Dear <b>team</b>, my withdrawal of Monday has not arrived yet.</p>{SPY}"


def _laid_out(html: str, **headers: str) -> bytes:
    letter = message_from_bytes(
        written("Dear team, my withdrawal of Monday has not arrived yet.", **headers), policy=policy.SMTP
    )
    assert isinstance(letter, EmailMessage)
    letter.add_alternative(html, subtype="html")
    return letter.as_bytes()


async def test_the_layout_is_kept_cleaned_and_the_raw_letter_is_opened_for_a_purpose(house: House) -> None:
    assert await house.take(_laid_out(HTML)) == "taken"
    row = await house.last()
    assert row.conversation_id is not None and row.seq is not None  # noqa: PT018 - for mypy
    await house.desk.assign(row.conversation_id, house.desk.ana)
    async with house.desk.database.transaction() as session:
        session.add(Purpose(key="identity", names={"en": "Identity"}, seconds=60, position=1, fields=["email"]))
    async with house.desk.database.transaction() as session:
        conversation = await session.get_one(Conversation, row.conversation_id)
        raw, html = await opening.kept(session, house.intake.files, conversation, row.seq)
        assert "<b>team</b>" in html
        assert not any(found in html for found in ("spy.example", "script", "javascript", "alert"))
        assert LI in raw
        shown = await opening.raw(session, house.intake.files, house.desk.ana, conversation, row.seq, "identity")
        assert LI not in shown
        assert "l••••@example.net" in shown
        with pytest.raises(PurposeUnknown):
            await opening.raw(session, house.intake.files, house.desk.ana, conversation, row.seq, "curiosity")
    async with house.desk.database.transaction() as session:
        (entry,) = await session.scalars(select(AuditEntry).where(AuditEntry.action == "mail.raw_shown"))
        assert entry.purpose == "identity"


async def test_of_a_letter_in_which_something_was_found_neither_layout_nor_raw_form_is_kept(house: House) -> None:
    assert await house.take(_laid_out(f"<p>{PHRASE}</p>")) == "taken"
    row = await house.last()
    assert row.conversation_id is not None and row.seq is not None  # noqa: PT018 - for mypy
    async with house.desk.database.transaction() as session:
        conversation = await session.get_one(Conversation, row.conversation_id)
        with pytest.raises(LetterNotKept):
            await opening.kept(session, house.intake.files, conversation, row.seq)


async def test_what_our_own_server_found_of_the_sender_is_shown_and_nobody_else_s_word(house: House) -> None:
    async with house.desk.database.transaction() as session:
        (await session.get_one(Mailbox, house.mailbox.id)).authserv = "mx.wallet.example"
    ours = "mx.wallet.example; spf=softfail smtp.mailfrom=x; dkim=fail; dkim=pass header.d=example.net; dmarc=none"
    assert await house.take(written("One", Authentication_Results=ours)) == "taken"
    assert (await house.last()).checks == "spf=softfail dkim=pass dmarc=none"
    forged = "mx.evil.example; spf=pass; dkim=pass; dmarc=pass"
    assert await house.take(written("Two", Authentication_Results=forged)) == "taken"
    assert (await house.last()).checks == ""
    assert await house.take(written("Three", Authentication_Results="mx.wallet.example; dmarc=fail")) == "quarantined"
    assert (await house.last()).checks == "dmarc=fail"


def test_a_mailbox_is_tried_out(free_port: int) -> None:
    account = Account("127.0.0.1", free_port, "clear", "u", "p", "INBOX", deletes=False)
    assert mailboxes.try_out(account) == "connection"
