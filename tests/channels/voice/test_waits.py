"""How long callers are told to wait, and at whom it rings."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from holdfast.channels.voice import waits
from holdfast.channels.voice.waits import Digits, Number, Phone, Prompt, expected, is_flooding, who_rings

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_an_expected_wait() -> None:
    assert expected(1, 1, []) == 5 * MINUTE
    assert expected(3, 2, [4 * MINUTE, 6 * MINUTE]) == 8 * MINUTE, "7.5, rounded up"
    assert expected(1, 100, [MINUTE]) == MINUTE, "never none"
    assert expected(1, 0, []) is None
    assert expected(100, 1, []) is None, "more than an hour is said to nobody"


@given(st.integers(1, 50), st.integers(1, 50), st.lists(st.timedeltas(timedelta(seconds=5), MINUTE), max_size=20))
def test_who_stands_behind_or_has_fewer_agents_waits_no_shorter(
    position: int, agents: int, handled: list[timedelta]
) -> None:
    def told(place: int, free: int) -> timedelta:
        return expected(place, free, handled) or timedelta.max

    assert told(position, agents) <= told(position + 1, agents)
    assert told(position, agents + 1) <= told(position, agents)
    assert told(position, agents) % MINUTE == timedelta() or told(position, agents) == timedelta.max


def test_what_a_waiting_caller_hears() -> None:
    with_wait = waits.where_they_stand(2, 8 * MINUTE)
    assert with_wait[:4] == [Prompt("position"), Number(2), Prompt("wait-minutes"), Number(8)]
    without = waits.where_they_stand(2, None)
    assert Prompt("wait-minutes") not in without
    assert without[2:] == [Prompt("callback-offer"), Number(1), Prompt("message-offer"), Number(2)]
    promised = waits.where_they_stand(2, 8 * MINUTE, timedelta(minutes=11, seconds=10))
    assert promised[2:6] == [Prompt("wait-minutes"), Number(8), Prompt("promise-minutes"), Number(12)]
    for late in (timedelta(), timedelta(seconds=-1), timedelta(hours=2)):
        assert waits.where_they_stand(2, 8 * MINUTE, late) == with_wait, "what is broken or far away is not said"
    assert waits.where_they_stand(2, None, 5 * MINUTE) == without
    assert Digits("48") != Digits("84")


@given(st.lists(st.booleans(), max_size=12))
def test_all_tabs_of_the_agents_asked_ring_and_no_other(online: list[bool]) -> None:
    ann, ben = UUID(int=1), UUID(int=2)
    phones = [Phone(f"d{number}", (ann, ben)[number % 2], there) for number, there in enumerate(online)]
    ringing = who_rings(phones, [ann])
    assert ringing == sorted(phone.name for phone in phones if phone.online and phone.agent_id == ann)
    assert set(who_rings(phones, [ann, ben])) == {phone.name for phone in phones if phone.online}
    for phone in phones:
        assert who_rings(phones, [ann], phone.name) == ([phone.name] if phone.name in ringing else ringing)


def test_a_number_that_calls_too_often() -> None:
    calls = [NOON - timedelta(minutes=minutes) for minutes in (1, 30, 61)]
    assert not is_flooding(calls, 3, NOON)
    assert is_flooding(calls, 2, NOON)
    assert not is_flooding([], 1, NOON)


def test_the_survey_takes_one_to_five() -> None:
    assert [waits.SURVEY.get(key) for key in "0156"] == [None, 1, 5, None]
