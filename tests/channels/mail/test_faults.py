"""What goes wrong while a letter is stored: a passing fault brings it again, one of its own puts it aside."""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import exc

from holdfast.channels.mail import entering
from holdfast.channels.mail.models import StoredLetter
from tests.channels.mail.conftest import House, written


def _refused(kind: type[exc.DBAPIError], error: Exception) -> exc.DBAPIError:
    return kind("INSERT", {}, error)


@pytest.mark.parametrize(
    "fault",
    [
        _refused(exc.OperationalError, psycopg.errors.DeadlockDetected()),
        _refused(exc.InternalError, psycopg.errors.IdleInTransactionSessionTimeout()),
        _refused(exc.NotSupportedError, psycopg.errors.FeatureNotSupported("cached plan must not change result type")),
        _refused(exc.ProgrammingError, psycopg.errors.UndefinedColumn()),
        _refused(exc.DBAPIError, psycopg.Error()),
        exc.TimeoutError("no connection became free"),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_passing_fault_of_the_database_brings_the_letter_again(
    house: House, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    letter = written("Where is it?")
    with monkeypatch.context() as patch:
        patch.setattr(entering, "open_by", _raising(fault, times=9))
        with pytest.raises(type(fault)):
            await house.take(letter)
        assert await house.count(StoredLetter) == 0
    # It can be answered: it was not put aside as one that nobody can read.
    assert await house.take(letter) == "taken"


def _raising(fault: Exception, times: int) -> Callable[..., object]:
    """``entering.open_by``, which fails so often first."""
    works = entering.open_by
    left = [fault] * times

    async def open_by(*given: object) -> object:
        if left:
            raise left.pop()
        return await works(*given)  # type: ignore[arg-type]  # whatever it takes

    return open_by


async def test_a_row_that_somebody_else_wrote_at_that_moment_is_no_fault_of_the_letter(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = _refused(exc.IntegrityError, psycopg.errors.UniqueViolation())
    monkeypatch.setattr(entering, "open_by", _raising(twice, times=1))
    assert await house.take(written("Where is it?")) == "taken"


@pytest.mark.parametrize(
    "fault",
    [
        _refused(exc.DataError, psycopg.errors.UntranslatableCharacter()),
        _refused(exc.IntegrityError, psycopg.errors.NotNullViolation()),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_letter_that_no_column_takes_blocks_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    monkeypatch.setattr(entering, "open_by", _raising(fault, times=9))
    assert await house.take(written("unlucky")) == "quarantined"
    assert (await house.last()).why == "unreadable"
