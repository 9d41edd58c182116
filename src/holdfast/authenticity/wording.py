"""What the checker answers, in the reader's language: the same words on the page and for apps."""

from dataclasses import dataclass

from babel.dates import format_datetime

from holdfast.authenticity.checking import OURS, SUSPECT, Answer
from holdfast.core.i18n import translate


@dataclass(frozen=True, slots=True)
class Wording:
    """``headline`` is the answer, ``reasons`` why, ``advice`` what to do now. ``tone`` is good, bad or neutral."""

    tone: str
    headline: str
    reasons: list[str]
    advice: str


def wording(answer: Answer, language: str) -> Wording:
    tone = "good" if answer.status in OURS else "bad" if answer.status in (*SUSPECT, "secret") else "neutral"
    return Wording(tone, _headline(answer, language), _reasons(answer, language), _advice(answer, language))


def _headline(answer: Answer, language: str) -> str:  # noqa: PLR0911 - one a status
    match answer.status:
        case "official":
            return translate("This is ours", language)
        case "sent":
            return translate("Yes, we sent this", language)
        case "reference":
            return translate("Not ours, but our staff may send you there", language)
        case "lookalike":
            return translate("Not ours: it imitates {address}", language, address=answer.of)
        case "known_fake":
            return translate("Not ours: a known fake", language)
        case "expired":
            return translate("No longer ours", language)
        case "not_sent":
            return translate("We sent nothing with this code", language)
        case "secret":
            return translate("Stop: this is a recovery phrase or a key", language)
        case "unreadable":
            return translate("This cannot be checked", language)
        case _:
            return translate("Not listed, so it is not us", language)


def _reasons(answer: Answer, language: str) -> list[str]:
    found = []
    when = _when(answer, language)
    if answer.status == "sent":
        found.append(
            translate("Sent on {when}, about the case {reference}.", language, when=when, reference=answer.reference)
        )
    if answer.status == "expired":
        found.append(translate("It was ours until {when}.", language, when=when))
    match answer.trick if answer.status in ("lookalike", "known_fake") else None:
        case "letters":
            found.append(translate("Some of its letters only look like ours.", language))
        case "spelling":
            found.append(translate("It is spelt almost like ours, but not the same.", language))
        case "ending":
            found.append(translate("The name is ours, the ending is not.", language))
        case "addition":
            found.append(translate("Our name stands in it, with something added.", language))
        case "front":
            found.append(translate("Our name stands in it, but the address belongs to somebody else.", language))
        case "disguise":
            found.append(translate("It leads somewhere else than it seems: to {host}.", language, host=answer.host))
        case "number":
            found.append(translate("Only a few digits differ from our number.", language))
        case "elsewhere":
            found.append(translate("We have no account of this name there.", language))
    return found


def _advice(answer: Answer, language: str) -> str:
    if answer.status in OURS or answer.status == "reference":
        return translate(
            "Even so: nobody of ours ever asks for your recovery phrase, a password, remote control or a payment.",
            language,
        )
    if answer.status == "secret":
        return translate(
            "Never enter it on a website, never tell it to anyone. If somebody else may have seen it, move your money "
            "to a new wallet now. We have not kept what you pasted.",
            language,
        )
    if answer.status == "unreadable":
        return translate("Paste one address, number or code, exactly as it was shown to you.", language)
    return translate(
        "Do not open it, do not answer, pay nothing, tell nobody your recovery phrase. Reach us only through the app.",
        language,
    )


def _when(answer: Answer, language: str) -> str:
    if answer.at is None:
        return "…"
    return f"{format_datetime(answer.at, 'medium', locale=language.replace('-', '_'))} UTC"


def kind_name(kind: str, language: str) -> str:  # noqa: PLR0911 - one a kind
    """A kind of channel as a heading."""
    match kind:
        case "domain":
            return translate("Websites", language)
        case "link":
            return translate("Links", language)
        case "handle":
            return translate("Accounts on other platforms", language)
        case "phone":
            return translate("Phone numbers", language)
        case "mail":
            return translate("E-mail addresses", language)
        case "app":
            return translate("Apps", language)
        case _:
            return translate("Sites of others that our staff may name", language)
