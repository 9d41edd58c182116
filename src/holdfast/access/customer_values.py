"""Attributes of a model that belong to a customer: read and set in clear, kept sealed with that customer's key.

Beside each value the row carries the customer's sealed key, by a subquery of one primary key look-up; sealing happens
on the way to the database, where a missing key is made.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast, overload
from uuid import UUID

from sqlalchemy import Connection, Row, Select, event, inspect, select
from sqlalchemy.orm import Bundle, InstrumentedAttribute, Mapper, column_property
from sqlalchemy.orm.attributes import flag_modified, set_committed_value

from holdfast.access import customer_keys
from holdfast.access.keys import key_ring
from holdfast.access.models import CustomerKey
from holdfast.core.ids import new_id

V = TypeVar("V")
_CLEAR = "_clear_values"


class CustomersValue(Generic[V]):
    """The attribute that opens and seals ``sealed``, the attribute of a ``CustomersOwn`` column.

    An erased customer's value reads as ``erased`` ('' of a text); setting one raises CustomerErased at the flush.
    In a query (``select(Customer.name)``) it brings what it needs and gives the value in clear.
    """

    def __init__(self, sealed: str, encode: Callable[[Any], bytes], decode: Callable[[bytes], V], erased: V) -> None:
        self.sealed, self.encode, self.decode, self.erased = sealed, encode, decode, erased

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> InstrumentedAttribute[V]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> V: ...
    def __get__(self, instance: object | None, owner: type) -> V | InstrumentedAttribute[V]:
        if instance is None:
            return cast(InstrumentedAttribute[V], _Opening(self, owner))
        clear = instance.__dict__.get(_CLEAR, {})
        if self.name in clear:
            return cast(V, clear[self.name])
        sealed = getattr(instance, self.sealed)
        if erased(instance):
            return self.erased
        if sealed is None:
            return cast(V, None)
        owned_by = _column(owner, self.sealed).type.owner
        return self.opened(owner, getattr(instance, owned_by), getattr(instance, "customer_key"), sealed)  # noqa: B009

    def opened(self, model: type, customer_id: UUID | None, wrapped: bytes | None, sealed: bytes | None) -> V:
        if sealed is None:
            return self.erased if wrapped == customer_keys.DESTROYED else cast(V, None)
        plain = customer_keys.open_for(customer_id, wrapped, sealed, _column(model, self.sealed).type.context)
        return self.erased if plain is None else self.decode(plain)

    def __set__(self, instance: object, value: V) -> None:
        clear = instance.__dict__.setdefault(_CLEAR, {})
        if value is None:
            clear.pop(self.name, None)
            setattr(instance, self.sealed, None)
            return
        clear[self.name] = value
        # A value that no flush can store: sealing replaces it (below), and the flush must see a change.
        setattr(instance, self.sealed, b"")
        flag_modified(instance, self.sealed)


def customers_text(sealed: str) -> CustomersValue[str]:
    return CustomersValue(sealed, str.encode, bytes.decode, "")


def optional_customers_text(sealed: str) -> CustomersValue[str | None]:
    return CustomersValue(sealed, str.encode, bytes.decode, "")


def customers_bytes(sealed: str) -> CustomersValue[bytes | None]:
    return CustomersValue(sealed, bytes, bytes, b"")


class _Opening(Bundle[Any]):
    """What a query selects for one value; its rows hold the value in clear."""

    inherit_cache = True

    def __init__(self, value: CustomersValue[Any], model: type) -> None:
        self._value, self._model = value, model
        column = _column(model, value.sealed)
        owner, key = getattr(model, column.type.owner), getattr(model, "customer_key")  # noqa: B009
        super().__init__(value.name, getattr(model, value.sealed), owner, key, single_entity=True)

    def create_row_processor(
        self,
        query: Select[Any],  # noqa: ARG002
        procs: Sequence[Callable[[Row[Any]], Any]],
        labels: Sequence[str],  # noqa: ARG002
    ) -> Callable[[Row[Any]], Any]:
        sealed, owner, key = procs
        return lambda row: self._value.opened(self._model, owner(row), key(row), sealed(row))


def _column(model: type, attribute: str) -> Any:
    return getattr(model, attribute).property.columns[0]


def erased(instance: Any) -> bool:
    """Whether the customer whose this is was erased; of a row as it was read."""
    return bool(instance.__dict__.get("customer_key") == customer_keys.DESTROYED)


M = TypeVar("M", bound=type)


def sealed_for(owner: str) -> Callable[[M], M]:
    """Decorate a model that has ``CustomersValue`` attributes; ``owner`` is the attribute with the customer's id."""

    def decorate(model: M) -> M:
        wrapped = (
            select(CustomerKey.wrapped)
            .where(CustomerKey.customer_id == getattr(model, owner))
            .correlate_except(CustomerKey)
            .scalar_subquery()
        )
        # It stays loaded across a flush: reading it again would need a query where none can be awaited.
        model.customer_key = column_property(wrapped, expire_on_flush=False)  # type: ignore[attr-defined]
        event.listen(model, "before_insert", _seal)
        event.listen(model, "before_update", _seal)
        return model

    return decorate


def _seal(mapper: Mapper[Any], connection: Connection, target: Any) -> None:
    """Seal what was set, with the customer's key, which is made if they have none."""
    clear: dict[str, Any] = target.__dict__.pop(_CLEAR, {})
    if not clear:
        return
    values = {name: cast(CustomersValue[Any], mapper.class_.__dict__[name]) for name in clear}
    owner = {_column(mapper.class_, value.sealed).type.owner for value in values.values()}.pop()
    if owner == "id" and target.id is None:
        target.id = new_id()
    customer_id = getattr(target, owner)
    if customer_id is None or not customer_keys.customers_have_keys():
        for name, value in values.items():
            sealed = key_ring().seal_bytes(value.encode(clear[name]), _column(mapper.class_, value.sealed).type.context)
            setattr(target, value.sealed, sealed)
        return
    key = target.__dict__.get("customer_key")
    if not key or inspect(target).attrs[owner].history.deleted:
        # None yet, or of the customer before.
        key = customer_keys.ensure(connection, customer_id)
    set_committed_value(target, "customer_key", key)
    for name, value in values.items():
        context = _column(mapper.class_, value.sealed).type.context
        setattr(target, value.sealed, customer_keys.seal_for(customer_id, key, value.encode(clear[name]), context))
