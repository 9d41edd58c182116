"""What a check of the doctor's finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome: ``state`` is ok, warning or fault; ``repair`` says what to do, empty when it is ok."""

    part: str
    state: str
    fact: str
    repair: str = ""


def ok(part: str, fact: str) -> Finding:
    return Finding(part, "ok", fact)


def warning(part: str, fact: str, repair: str) -> Finding:
    return Finding(part, "warning", fact, repair)


def fault(part: str, fact: str, repair: str) -> Finding:
    return Finding(part, "fault", fact, repair)
