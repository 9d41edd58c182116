"""What an error of the database tells: the statement and the constraint, never the values."""

import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from holdfast.core.database import Database

SECRET = "lin.haoran@example.com"


@pytest.mark.parametrize("value", [SECRET, None])
async def test_an_error_of_an_insert_holds_no_values(
    fresh_database_url: str, caplog: pytest.LogCaptureFixture, value: str | None
) -> None:
    """Neither as parameters, nor in PostgreSQL's DETAIL about the key that is there or the row that lacks a value."""
    database = Database(fresh_database_url)
    try:
        async with database.transaction() as session:
            await session.execute(text("CREATE TABLE known (address text PRIMARY KEY, name text)"))
            await session.execute(text("INSERT INTO known VALUES (:address)"), {"address": SECRET})
        with pytest.raises(IntegrityError, match="known") as caught:
            async with database.transaction() as session:
                insert = text("INSERT INTO known VALUES (:address, :name)")
                await session.execute(insert, {"address": value, "name": SECRET})
        logging.getLogger("test").error("it failed", exc_info=caught.value)
    finally:
        await database.close()
    assert "INSERT INTO known" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "IntegrityError" in caplog.text
    assert SECRET not in caplog.text
