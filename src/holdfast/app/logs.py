"""What every process says to its log goes through the redaction: a message, a traceback, a library's words.

No text of a customer is meant to be logged. This is for what nobody meant: a validator that quotes its input, an
exception with a value in its message, a traceback of the interpreter itself.
"""

import logging
import sys
import threading
from types import TracebackType

from holdfast.redaction import redact

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Redacting(logging.Formatter):
    """Formats as usual, then hides what no log may hold: 1 us for a line of 100 characters."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record)).text


def set_up(level: str) -> None:
    """Everything to standard error, redacted; also what would end a process or a thread unheard."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(FORMAT))
    # Whoever configured the log before us (a framework, a test) keeps its handlers, but not its formatters.
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for known in logging.getLogger().handlers:
        if not isinstance(known.formatter, Redacting):
            known.setFormatter(Redacting(FORMAT))
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("holdfast").critical("the process ends", exc_info=(kind, error, trace))


def _uncaught_in_thread(gone: threading.ExceptHookArgs) -> None:
    if gone.exc_value is not None:
        what = (gone.exc_type, gone.exc_value, gone.exc_traceback)
        logging.getLogger("holdfast").error("a thread ended", exc_info=what)
