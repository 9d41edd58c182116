"""Letters as they come: charsets of the CJK world, nested and broken MIME, quotes, signatures, machines."""

import base64
from email.header import Header
from email.message import EmailMessage, MIMEPart
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.channels.mail import charsets, html_text, quotes
from holdfast.channels.mail.letters import DEEPEST, Unreadable, parse
from holdfast.channels.mail.listener import LIMIT
from holdfast.conversations.media import inspect
from tests.chaos.letters import letters

WORDS = {
    "zh-Hans": "我的提现一直没有到账，请问怎么办？",
    "zh-Hant": "我的提現一直沒有到帳，請問怎麼辦？",
    "ja": "出金がまだ届いていません。どうすればいいですか。",
    "ko": "출금이 아직 도착하지 않았습니다. 어떻게 해야 하나요?",
    "ru": "Мой перевод до сих пор не пришёл, что делать?",
}


def letter(body: bytes, *headers: str, kind: str = "text/plain") -> bytes:
    lines = ["From: Li <li@example.net>", "To: support@wallet.example", "Subject: Withdrawal", *headers]
    if not any(line.lower().startswith("content-type") for line in headers):
        lines.append(f"Content-Type: {kind}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("language", "codec", "named"),
    [
        ("zh-Hans", "gb18030", "gb2312"),
        ("zh-Hans", "gb18030", "GBK"),
        ("zh-Hans", "hz", "hz-gb-2312"),
        ("zh-Hant", "big5hkscs", "Big5"),
        ("ja", "iso2022_jp", "ISO-2022-JP"),
        ("ja", "iso2022_jp", "us-ascii"),
        ("ja", "cp932", "Shift_JIS"),
        ("ja", "euc_jp", "x-euc-jp"),
        ("ko", "cp949", "ks_c_5601-1987"),
        ("ko", "iso2022_kr", "iso-2022-kr"),
        ("ru", "koi8_r", "koi8-r"),
        ("zh-Hans", "utf-8", "us-ascii"),
        ("zh-Hans", "utf-7", "unicode-1-1-utf-7"),
        # Nothing or nonsense is named: guessed by what stands there.
        ("zh-Hans", "gb18030", "x-unknown"),
        ("zh-Hant", "big5hkscs", "nonsense"),
        ("ja", "cp932", "default"),
        ("ko", "cp949", ""),
        ("ru", "cp1251", "8bit"),
        # Codecs of Python that are no charsets.
        ("zh-Hans", "utf-8", "rot13"),
        ("zh-Hans", "utf-8", "base64"),
    ],
)
def test_words_are_read_in_the_charset_they_are_in(language: str, codec: str, named: str) -> None:
    text = WORDS[language]
    charset = f"text/plain; charset={named}" if named else "text/plain"
    for encoding, body in (("8bit", text.encode(codec)), ("base64", base64.encodebytes(text.encode(codec)))):
        found = parse(letter(body, f"Content-Type: {charset}", f"Content-Transfer-Encoding: {encoding}"))
        assert found.words == text


def test_characters_that_the_named_charset_does_not_have() -> None:
    # 镕 and 囧 are no GB2312, ① is no Shift_JIS: half of such mails are.
    assert charsets.decode("朱镕囧".encode("gb18030"), "gb2312") == "朱镕囧"
    assert charsets.decode("①㈱".encode("cp932"), "shift_jis") == "①㈱"
    assert charsets.decode("똠방각하".encode("cp949"), "euc-kr") == "똠방각하"


def test_a_subject_cut_within_a_character() -> None:
    raw = WORDS["ja"].encode("iso2022_jp")
    halves = [
        base64.b64encode(part).decode() for part in (WORDS["zh-Hans"].encode()[:7], WORDS["zh-Hans"].encode()[7:])
    ]
    assert charsets.header(f"=?utf-8?B?{halves[0]}?=\r\n =?utf-8?B?{halves[1]}?=") == WORDS["zh-Hans"]
    assert charsets.header(f"=?ISO-2022-JP?B?{base64.b64encode(raw).decode()}?=") == WORDS["ja"]
    assert charsets.header(str(Header(WORDS["ko"], "euc-kr"))) == WORDS["ko"]
    # Raw bytes where none belong, and a line end within an encoded word.
    assert charsets.header(WORDS["zh-Hans"].encode("gb18030").decode("utf-8", "surrogateescape")) == WORDS["zh-Hans"]
    assert charsets.header("=?utf-8?Q?a=0D=0ABcc:_x@y?=") == "a Bcc: x@y"


def test_nested_parts_inline_pictures_and_invitations() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "li@example.net", "support@wallet.example", "Screenshots"
    message.set_content("See below.\n")
    message.add_alternative("<p>See <b>below</b> <img src='cid:one'></p>", subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    assert isinstance(html, MIMEPart)
    html.add_related(b"\x89PNG\r\n\x1a\npixels", "image", "png", cid="<one>", filename="截图.png")
    message.add_attachment(
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Call\\, with\r\n  support\r\n"
        "DTSTART;TZID=Asia/Shanghai:20260303T090000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        subtype="calendar",
        filename="invite.ics",
    )
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "fraud@example.org", "You won"
    inner.set_content("Send me your money")
    message.add_attachment(inner)
    found = parse(message.as_bytes())
    assert found.words == "See below."
    assert [(file.name, file.media_type, file.inline) for file in found.files] == [
        ("截图.png", "image/png", True),
        ("invite.txt", "text/plain", False),
        ("You won.txt", "text/plain", False),
    ]
    assert found.files[1].data.decode().splitlines() == [
        "Call, with support",
        "2026-03-03 09:00 Asia/Shanghai",
    ]
    assert b"Send me your money" in found.files[2].data
    # Files are not kept a second time.
    assert b"pixels" not in found.skeleton


def test_names_of_files_in_every_writing() -> None:
    for disposition in (
        'attachment; filename="=?gb2312?B?vdjNvC50eHQ=?="',
        "attachment; filename*=utf-8''%E6%88%AA%E5%9B%BE.txt",
        "attachment; filename*0*=utf-8''%E6%88%AA; filename*1*=%E5%9B%BE.txt",
    ):
        raw = letter(
            b"--x\r\nContent-Type: text/plain\r\nContent-Disposition: "
            + disposition.encode()
            + b"\r\n\r\nlog\r\n--x--\r\n",
            "Content-Type: multipart/mixed; boundary=x",
        )
        assert [file.name for file in parse(raw).files] == ["截图.txt"]


@pytest.mark.parametrize(
    "raw",
    [
        letter(b"no boundary at all, still words", "Content-Type: multipart/mixed"),
        letter(b"words before\r\n--x\r\nbroken", "Content-Type: multipart/mixed; boundary=x"),
        letter(b"--x\r\n\r\nwords without an end", "Content-Type: multipart/mixed; boundary=x"),
        letter(b"words\r\n", 'Content-Type: text/plain; charset="utf-8\r\n'),
        letter(b"=zz words =", "Content-Transfer-Encoding: quoted-printable"),
        letter(base64.b64encode(b"many words") + b"=!!*", "Content-Transfer-Encoding: base64"),
        letter(b"words", "Content-Type: ;;;/"),
        letter(b"words\r\n", "Content-Transfer-Encoding: x-nonsense"),
    ],
)
def test_a_broken_letter_is_read_as_far_as_it_goes(raw: bytes) -> None:
    found = parse(raw)
    assert found.sender == "li@example.net"
    assert any("words" in text for text in (found.words, *(file.data.decode() for file in found.files))) or (
        "words" in "".join(found.searched) or b"broken" in found.skeleton
    )


def test_what_nobody_could_read() -> None:
    deep = b"".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n".encode() for n in range(DEEPEST + 900)
    )
    many = b"--x\r\n\r\na\r\n" * 5000
    for raw in (
        b"",
        b"\r\n\r\nno headers",
        letter(many, "Content-Type: multipart/mixed; boundary=x"),
        b"From: a@b.cd\r\n" + deep,
    ):
        with pytest.raises(Unreadable):
            parse(raw)


@given(
    st.binary(max_size=400),
    st.sampled_from(["text/plain", "multipart/mixed; boundary=x", "message/rfc822", "text/html"]),
)
def test_no_bytes_are_a_fault_of_ours(body: bytes, kind: str) -> None:
    for raw in (body, letter(body, f"Content-Type: {kind}")):
        try:
            found = parse(raw)
        except Unreadable:
            continue
        assert "\n" not in found.subject
        assert all(text.encode("utf-8", "replace") is not None for text in found.searched)


@given(st.text(alphabet="<>a b=\"'/!-&;:scriptonload\n", max_size=200))
def test_cleaned_html_is_harmless_and_stays_as_it_is(text: str) -> None:
    once = html_text.clean(text)
    assert html_text.clean(once) == once
    assert "<script" not in once.lower()
    html_text.as_text(text)


def test_html_is_read_without_its_tricks() -> None:
    html = (
        "<style>p{}</style><div style='display:none'>hidden<p>also</p></div><p onclick=x>Hello<br>there</p>"
        "<img src='https://track.example/1.png' alt='logo'><a href='https://evil.example/x'>https://wallet.example</a>"
        "<blockquote><p>old</p>words</blockquote><a href='javascript:alert(1)'>click</a>"
    )
    assert html_text.as_text(html).splitlines() == [
        "Hello",
        "there",
        "[logo]https://wallet.example <https://evil.example/x>",
        "> old",
        "> words",
        "click",
    ]
    cleaned = html_text.clean(html)
    assert not [word for word in ("track.example", "javascript", "onclick", "style") if word in cleaned]


@pytest.mark.parametrize(
    "line",
    [
        "On Tue, 3 Mar 2026 at 10:00, Support <s@wallet.example> wrote:",
        "On Tue, 3 Mar 2026 at 10:00, Wallet Support\n<s@wallet.example> wrote:",
        "在 2026年3月3日，Support <s@wallet.example> 写道：",
        "2026年3月3日(火) 10:00 Support <s@wallet.example>:",
        "2026년 3월 3일 (화) 오전 10:00, Support <s@wallet.example>님이 작성:",
        "Am 03.03.2026 um 10:00 schrieb Support <s@wallet.example>:",
        "Le 3 mars 2026 à 10:00, Support <s@wallet.example> a écrit :",
        "3 марта 2026 г., в 10:00, Support <s@wallet.example> написал(а):",
    ],
)
def test_a_quote_is_set_apart(line: str) -> None:
    found = quotes.split(f"It has come now.\n\nThanks\n-- \nLi\n\n{line}\n> Has it come?\n> Ana\n")
    assert found.words == "It has come now.\n\nThanks"
    assert found.signature == "-- \nLi" or found.signature.startswith("-- \nLi\n")
    assert "> Has it come?" in found.quoted


def test_an_outlook_block_and_a_phone_s_signature() -> None:
    found = quotes.split(
        "是的\n\n发自我的iPhone\n\n发件人: Support <s@wallet.example>\n发送时间: 2026年3月3日 10:00\n主题: x\n\n旧"
    )
    assert found == (
        "是的",
        "发自我的iPhone",
        "发件人: Support <s@wallet.example>\n发送时间: 2026年3月3日 10:00\n主题: x\n\n旧",
    )


def test_answers_between_the_lines_stay_whole() -> None:
    text = "On 3 Mar 2026, Support <s@x.example> wrote:\n> Which wallet?\nThe blue one\n> Which network?\nTRON"
    assert quotes.split(text).words == text
    assert quotes.split("> only\n> a quote").words == "> only\n> a quote"


@given(st.text(alphabet="> ab1@\n:-", max_size=120))
def test_no_line_is_lost(text: str) -> None:
    found = quotes.split(text)
    kept = [line for line in "\n".join(found).split("\n") if line.strip()]
    assert kept == [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize(
    ("header", "nature"),
    [
        ("X-Nothing: 1", "person"),
        ("Auto-Submitted: no", "person"),
        ("Auto-Submitted: auto-replied (vacation)", "automatic"),
        ("Auto-Submitted: Auto-Generated", "automatic"),
        ("X-Autoreply: yes", "automatic"),
        ("Precedence: bulk", "automatic"),
        ("Return-Path: <>", "automatic"),
        ("List-Id: <news.example.org>", "list"),
        ("Precedence: list", "list"),
    ],
)
def test_machines_and_lists_are_told(header: str, nature: str) -> None:
    assert parse(letter(b"text", header)).nature == nature


def test_a_report_of_delivery() -> None:
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"], report["To"], report["Return-Path"] = "MAILER-DAEMON@mx.example", "support@wallet.example", "<>"
    report.attach(MIMEText("I'm sorry to have to inform you"))
    raw = (
        report.as_bytes().rpartition(b"--")[0].rpartition(b"--")[0]
        + b"--" + str(report.get_boundary()).encode()
        + b"\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        b"Final-Recipient: rfc822; li@example.net\n"
        b"Action: failed\nStatus: 5.1.1\n\n--" + str(report.get_boundary()).encode()
        + b"\nContent-Type: text/rfc822-headers\n\nMessage-ID: <hf.1.2.3@wallet.example>\nSubject: x\n\n--"
        + str(report.get_boundary()).encode() + b"--\n"
    )  # fmt: skip
    found = parse(raw)
    assert found.nature == "bounce"
    assert found.bounce is not None
    assert (found.bounce.failed, found.bounce.status) == (True, "5.1.1")
    assert found.bounce.about == ("<hf.1.2.3@wallet.example>",)
    later = parse(raw.replace(b"Action: failed", b"Action: delayed").replace(b"5.1.1", b"4.4.1"))
    assert later.bounce is not None
    assert not later.bounce.failed


def test_two_senders_are_none_and_a_name_is_no_address() -> None:
    two = b"From: Li <li@example.net>, Eve <eve@example.org>\r\nTo: s@wallet.example\r\n\r\nx"
    twice = b"From: li@example.net\r\nFrom: eve@example.org\r\n\r\nx"
    assert parse(two).sender == parse(twice).sender == ""
    named = parse(b'From: "support@wallet.example" <eve@example.org>\r\n\r\nx')
    assert (named.sender, named.sender_name) == ("eve@example.org", "support@wallet.example")
    hidden = parse(b"From: =?utf-8?Q?support=40wallet.example=2C_?= <eve@example.org>\r\n\r\nx")
    assert (hidden.sender, hidden.sender_name) == ("eve@example.org", "support@wallet.example,")


def test_a_sender_whom_no_answer_can_reach_is_none_and_a_domain_is_that_of_the_dns() -> None:
    assert parse("From: jürgen@example.de\nSubject: x\n\ny".encode()).sender == ""
    assert parse("From: Li <Li@Bücher.example>\nSubject: x\n\ny".encode()).sender == "li@xn--bcher-kva.example"
    assert parse("From: li@bücher.example\nSubject: x\n\ny".encode("latin-1")).sender == ""


def test_the_large_letter_that_is_measured_has_20_mb_and_is_taken_whole() -> None:
    (large,) = (one for one in letters(18, 1, "support@wallet.example") if one.kind == "large")
    assert 20_000_000 <= len(large.raw) < LIMIT
    files = parse(large.raw).files
    assert [inspect(file.data, file.name, file.media_type).name for file in files] == ["one.pdf", "two.pdf"]
