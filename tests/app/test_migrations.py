"""The models and the migrations say the same."""

from holdfast.app import schema


def test_a_migrated_database_is_what_the_models_say(fresh_database_url: str) -> None:
    assert schema.differences(fresh_database_url) == []
