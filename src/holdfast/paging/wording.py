"""What a page says: its kind and a reference, in the reader's language. Nothing of a customer, not even redacted."""

from holdfast.core.i18n import translate
from holdfast.paging.models import Page


def headline(page: Page, language: str) -> str:
    """What happened, in a line."""
    match page.kind:
        case "emergency_requested":
            words = translate("An emergency has nobody who answers", language)
        case "promise_breached":
            words = translate("A promise to a customer was broken", language)
        case "health_alarm":
            words = translate("The hotline itself needs somebody", language)
        case "rule_fired":
            words = translate("A rule asks for somebody", language)
        case _:
            words = translate("A test page: nothing happened", language)
    return f"{words} · {page.reference}" if page.reference else words


def invitation(language: str) -> str:
    """What stands above the link."""
    return translate("Open this and press the button, so that nobody else is woken:", language)


def code(code_: str, language: str) -> str:
    return translate("{code} is the code for this way of being paged. Enter it in the console.", language, code=code_)
