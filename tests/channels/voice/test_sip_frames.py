"""Only what speaks in the device's own name passes."""

import pytest

from holdfast.channels.voice.sip_frames import LONGEST, may_pass

NAME = "tab-0123456789ab"


def message(
    first: str = "REGISTER sip:phone.invalid SIP/2.0",
    sender: str = f"<sip:{NAME}@phone.invalid>;tag=a1",
    receiver: str = f"<sip:{NAME}@phone.invalid>",
    *more: str,
) -> str:
    lines = [first, "Via: SIP/2.0/WS a.invalid;branch=z9hG4bK1", f"From: {sender}", f"To: {receiver}", "Call-ID: 1"]
    return "\r\n".join([*lines, *more, "Content-Length: 0", "", ""])


def test_what_a_browser_says_passes() -> None:
    assert may_pass(message(), NAME, may_call=False)
    assert may_pass(message(sender=f'"Ann" <sip:{NAME}@phone.invalid>;tag=a'), NAME, may_call=False)
    given = f'Authorization: Digest algorithm=MD5, username="{NAME}", realm="asterisk", nonce="1"'
    assert may_pass(
        message("REGISTER sip:x SIP/2.0", f"<sip:{NAME}@x>", f"<sip:{NAME}@x>", given), NAME, may_call=False
    )
    bye = message("BYE sip:asterisk@127.0.0.1:8089;transport=ws SIP/2.0", f"<sip:{NAME}@x>;tag=b", "<sip:1@y>;tag=c")
    assert may_pass(bye, NAME, may_call=False)
    assert may_pass(message("SIP/2.0 180 Ringing", "<sip:anybody@y>;tag=c"), NAME, may_call=False), "an answer"
    assert may_pass("\r\n\r\n", NAME, may_call=False), "keeps the line open"


def test_a_call_that_begins_passes_only_for_who_may_call() -> None:
    fresh = message("INVITE sip:+18005550100@x SIP/2.0", receiver="<sip:1@x>")
    again = message("INVITE sip:1@x SIP/2.0", receiver="<sip:1@x>;tag=b")
    assert not may_pass(fresh, NAME, may_call=False)
    assert may_pass(fresh, NAME, may_call=True)
    assert may_pass(again, NAME, may_call=False), "a call that they are in changes"


@pytest.mark.parametrize(
    "text",
    [
        message(sender="<sip:tab-of-another@phone.invalid>;tag=a1"),
        message(sender=f"<sip:other@x>;tag=a <sip:{NAME}@phone.invalid>"),
        message(sender=f'"<sip:other@x>" <sip:{NAME}@phone.invalid>;tag=a'),
        message(sender=f"<sip:{NAME}%00@x>;tag=a"),
        message(receiver="<sip:tab-of-another@phone.invalid>"),
        message("REGISTER sip:x SIP/2.0", f"<sip:{NAME}@x>", f"<sip:{NAME}@x>", "From: <sip:other@x>"),
        message("REGISTER sip:x SIP/2.0", f"<sip:{NAME}@x>", f"<sip:{NAME}@x>", "f: <sip:other@x>"),
        message("REGISTER sip:x SIP/2.0", f"<sip:{NAME}@x>", f"<sip:{NAME}@x>", "From : <sip:other@x>"),
        message("REGISTER sip:x SIP/2.0", f"<sip:{NAME}@x>", f"<sip:{NAME}@x>", "X: 1\nFrom: <sip:other@x>"),
        message("REGISTER sip:x SIP/2.0", f"<sip:{NAME}@x>", f"<sip:{NAME}@x>", " folded"),
        message("REGISTER sip:x SIP/2.0", f"<sip:{NAME}@x>", f"<sip:{NAME}@x>", 'Authorization: Digest username="o"'),
        message(
            "REGISTER sip:x SIP/2.0",
            f"<sip:{NAME}@x>",
            f"<sip:{NAME}@x>",
            f'Authorization: Digest username="{NAME}", username="o"',
        ),
        message("REFER sip:x SIP/2.0"),
        message("MESSAGE sip:x SIP/2.0"),
        message("GET / HTTP/1.1"),
        message() + "\0",
        message() + message("INVITE sip:+18005550100@x SIP/2.0", "<sip:anybody@x>", "<sip:1@x>"),
        message().replace("Length: 0", "Length: 1"),
        message().replace("Content-Length: 0\r\n", ""),
        message("REGISTER sip:x SIP/2.0", f"<sip:{NAME}@x>", f"<sip:{NAME}@x>", "Content-Length: 0"),
        "x" * (LONGEST + 1),
        "",
    ],
)
def test_anything_else_does_not(text: str) -> None:
    assert not may_pass(text, NAME, may_call=False)
