"""A table that nobody has thought about would be in no export and survive every erasure."""

import pytest

from holdfast.access.encrypted import Encrypted
from holdfast.app.schema import METADATA
from holdfast.privacy.inventory import CUSTOMERS, OTHERS, Holding


def test_every_table_is_listed_once() -> None:
    listed = [holding.table for holding in CUSTOMERS] + list(OTHERS)
    assert sorted(listed) == sorted(METADATA.tables)


@pytest.mark.parametrize("holding", CUSTOMERS, ids=lambda holding: holding.table)
def test_a_holding_names_columns_that_there_are(holding: Holding) -> None:
    columns = {column.name for column in holding.of().columns}
    named = {holding.by, *holding.hidden, *(name for name, _ in holding.blank)}
    named |= {holding.only[0]} if holding.only else set()
    assert named <= columns
    assert (holding.erasure == "blank") == bool(holding.blank)
    assert holding.why or holding.erasure == "delete"


def test_who_leads_to_a_customer_is_listed_as_theirs() -> None:
    """A table that points at a customer or a conversation cannot be among the others without a word about it."""
    theirs = {holding.table for holding in CUSTOMERS}
    leading = {
        table.name
        for table in METADATA.sorted_tables
        if {"customer_id", "conversation_id"} & {column.name for column in table.columns}
    }
    # A canary is nobody: a made-up customer.
    assert leading - theirs <= {"erasure", "access_canary"}


def test_sealed_words_of_customers_are_never_kept() -> None:
    """What is sealed is personal: an erasure deletes its row or blanks the column."""
    for holding in CUSTOMERS:
        if holding.erasure == "delete" or holding.table in {"subject_request", "legal_hold"}:
            continue
        sealed = {column.name for column in holding.of().columns if isinstance(column.type, Encrypted)}
        assert sealed <= {name for name, _ in holding.blank}, holding.table
