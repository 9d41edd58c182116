"""The same house as the people's tests."""

from tests.people.conftest import _keys, demo, house

__all__ = ["_keys", "demo", "house"]
