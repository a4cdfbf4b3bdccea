from __future__ import annotations

import pytest

from database.breaker import Breaker, Position
from database.outage import GOOD, Health, Reason, Verdict, out

REFUSED = out(Reason.REFUSED)


def test_it_is_closed_until_the_contrary_is_seen() -> None:
    breaker = Breaker(3, 60)
    assert breaker.is_closed
    assert not breaker.verified
    assert not breaker.see(GOOD)
    assert breaker.verified


def test_an_outage_opens_it_and_several_good_verdicts_in_a_row_close_it() -> None:
    breaker = Breaker(3, 0)
    assert breaker.see(REFUSED)
    assert not breaker.see(REFUSED)  # it was out already
    assert [breaker.see(GOOD), breaker.see(GOOD)] == [False, False]
    assert breaker.state.position is Position.HALF_OPEN
    assert breaker.see(GOOD)
    assert breaker.is_closed


def test_one_bad_verdict_in_between_begins_the_count_again() -> None:
    breaker = Breaker(2, 0)
    breaker.see(REFUSED)
    since = breaker.state.since
    breaker.see(GOOD)
    breaker.see(out(Reason.TIMEOUT))
    assert (breaker.state.reason, breaker.state.since) == (Reason.TIMEOUT, since)
    assert not breaker.see(GOOD)
    assert breaker.see(GOOD)


@pytest.mark.parametrize("health", [Health.BUSY, Health.DENIED])
def test_what_answers_but_lets_nobody_in_is_neither_out_nor_back(health: Health) -> None:
    breaker = Breaker(2, 0)
    assert not breaker.see(Verdict(health))
    assert breaker.is_closed
    breaker.see(REFUSED)
    breaker.see(GOOD)
    assert not breaker.see(Verdict(health))
    assert (breaker.state.position, breaker.state.good) == (Position.OPEN, 0)


def test_at_once_needs_one_good_verdict_only() -> None:
    breaker = Breaker(5, 0)
    breaker.see(REFUSED)
    assert breaker.see(GOOD, at_once=True)


def test_a_database_that_comes_and_goes_must_be_good_for_longer_each_time() -> None:
    breaker = Breaker(2, 60)
    needed = []
    for _ in range(6):
        breaker.see(REFUSED)
        needed.append(breaker.needed)
        for _ in range(breaker.needed):
            breaker.see(GOOD)
        assert breaker.is_closed
    assert needed == [2, 4, 8, 16, 16, 16]


def test_after_a_quiet_time_all_is_forgiven() -> None:
    breaker = Breaker(2, 0)
    for _ in range(3):
        breaker.see(REFUSED)
        assert breaker.needed == 2
        breaker.see(GOOD, at_once=True)
