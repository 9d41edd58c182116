"""Which conversation a letter belongs to: only what we signed names one, and only who is known there is heard."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.access import keys
from holdfast.channels.mail import threads
from holdfast.channels.mail.letters import Letter, parse
from holdfast.channels.mail.threads import Known, Named, decide

PLAIN = parse(b"From: li@example.net\r\nTo: support@wallet.example\r\nSubject: Help\r\n\r\nwords")


@pytest.fixture(autouse=True)
def ring() -> Iterator[None]:
    before = keys._ring
    keys.use_key_ring(keys.KeyRing(b"k" * 32))
    yield
    keys._ring = before


def to(address: str, **headers: str) -> Letter:
    lines = [
        f"From: li@example.net\r\nTo: Us <{address}>",
        *(f"{n.replace('_', '-')}: {v}" for n, v in headers.items()),
    ]
    return parse("\r\n".join([*lines, "", "words"]).encode())


def test_signed_names_are_found_and_forged_ones_are_not() -> None:
    conversation_id = uuid4()
    address = threads.reply_address(conversation_id, "support@wallet.example")
    identifier = threads.message_id(conversation_id, 7, "wallet.example")
    assert threads.named(to(address)) == Named(conversation_id)
    # Some servers change the case, and name the receiver in another header alone.
    assert threads.named(to("x@y.example", Delivered_To=address.upper())) == Named(conversation_id)
    assert threads.named(to("support@wallet.example", In_Reply_To=f"<{identifier}>")) == Named(conversation_id, 7)
    assert threads.named(to("support@wallet.example", References=f"<a@b.c> <{identifier}> <d@e.f>")) == Named(
        conversation_id, 7
    )
    for place in range(len("support+"), address.index("@")):
        forged = address[:place] + ("b" if address[place] == "a" else "a") + address[place + 1 :]
        assert threads.named(to(forged)) is None
    assert threads.named(to("s@w.example", References=f"<{identifier.replace('.7.', '.8.')}>")) is None
    assert (
        threads.named(to("s@w.example", References=f"<{identifier.replace(conversation_id.hex, uuid4().hex)}>")) is None
    )


def test_a_long_mailbox_answers_under_its_own_address() -> None:
    assert threads.reply_address(uuid4(), "customer.service@wallet.example") == "customer.service@wallet.example"


NAMES = st.none() | st.builds(Named, st.uuids(), st.integers(0, 9))
KNOWN = st.builds(
    Known,
    named=NAMES,
    sender_known=st.booleans(),
    from_us=st.booleans(),
    pretends=st.booleans(),
    flooding=st.booleans(),
    verdict=st.sampled_from(["pass", "fail", "none"]),
)


@given(
    KNOWN,
    st.sampled_from(["person", "automatic", "list", "bounce"]),
    st.sampled_from(["li@example.net", ""]),
    st.sampled_from(["Help", "Re: [HF-7K3M-92QX] Help", "hf.7k3m 92qx"]),
    st.sampled_from([(), ("hf.a.b.c@wallet.example",), ("x@y.z",)]),
)
def test_nobody_gets_into_a_thread_who_is_not_known_there(
    known: Known, nature: str, sender: str, subject: str, references: tuple[str, ...]
) -> None:
    letter = replace(PLAIN, nature=nature, sender=sender, subject=subject, references=references)  # type: ignore[arg-type]
    decision = decide(letter, known)
    if decision.place == "thread":
        assert known.named
        assert known.sender_known
        assert sender
        assert nature == "person"
        assert not any((known.from_us, known.pretends, known.flooding, known.verdict == "fail"))
    if decision.place == "new":
        assert known.named is None
        assert "7" not in subject
        assert nature == "person"
    if decision.place == "bounce":
        assert known.named
    assert (decision.place == "quarantine") == bool(decision.why)


def test_what_is_quarantined_says_why() -> None:
    stranger = Known(named=Named(UUID(int=1)), sender_known=False)
    assert decide(PLAIN, stranger).why == "stranger"
    assert decide(replace(PLAIN, subject="[HF-7K3M-92QX] urgent"), Known()).why == "number_in_subject"
    assert decide(to("support+" + "a" * 52 + "@wallet.example"), Known()).why == "false_thread"
    assert decide(replace(PLAIN, subject="HF radio is fine"), Known()).place == "new"
    assert decide(replace(PLAIN, subject="[HF-7K3M-92QX] urgent"), Known(own_number=True)).place == "new"


def test_only_our_own_server_s_word_counts() -> None:
    forged = "mx.wallet.example.evil.example; dmarc=pass"
    true = "mx.wallet.example; spf=pass smtp.mailfrom=x; dkim=fail; dmarc=fail header.from=y"
    assert threads.verdict((forged, true), "mx.wallet.example") == "fail"
    assert threads.verdict((forged,), "mx.wallet.example") == "none"
    # Below the first of our name stands what the sender wrote.
    assert threads.verdict((true, "mx.wallet.example; dmarc=pass"), "mx.wallet.example") == "fail"
    assert threads.verdict((true,), "") == "none"
