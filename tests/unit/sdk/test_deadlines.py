"""Deadlines: in time and in order, within their limit, in a forked child too."""

import os
import threading

from midwatch.sdk.deadlines import CANCELLED_KEPT, Deadlines
from midwatch.sdk.problems import Problems
from tests.eventually import eventually


def test_calls_are_made_in_the_order_of_their_times() -> None:
    """Whatever the order in which they were added; one that fails keeps no other from being made."""
    problems = Problems()
    deadlines, made = Deadlines(problems), []

    def fail() -> None:
        made.append("fails")
        raise ValueError("no")

    deadlines.add(0.06, lambda: made.append("last"))
    deadlines.add(0.01, lambda: made.append("first"))
    deadlines.add(0.03, fail)
    eventually(lambda: len(made) == 3)
    assert made == ["first", "fails", "last"]
    assert problems.counts() == {("deadlines", "failed"): 1}


def test_what_is_cancelled_is_not_made_and_takes_no_room() -> None:
    """A hundred thousand short jobs with a limit of an hour leave a small heap behind."""
    deadlines = Deadlines(Problems())
    for _ in range(100_000):
        assert deadlines.cancel(deadlines.add(3600, os.abort))
    assert len(deadlines._heap) <= CANCELLED_KEPT + 1
    done = threading.Event()
    over = deadlines.add(0.0, done.set)
    assert done.wait(10)
    assert not deadlines.cancel(over)
    assert not deadlines.cancel(None)


def test_what_is_beyond_the_limit_is_counted() -> None:
    problems = Problems()
    deadlines = Deadlines(problems, waiting_max=3)
    added = [deadlines.add(3600, os.abort) for _ in range(5)]
    assert [one is None for one in added] == [False, False, False, True, True]
    assert problems.counts() == {("deadlines", "too_many"): 2}
    deadlines.cancel(added[0])
    assert deadlines.add(3600, os.abort) is not None


def test_a_forked_child_has_its_own() -> None:
    """What waits in the parent is not made twice; what the child adds is made there."""
    deadlines = Deadlines(Problems())
    deadlines.add(0.05, lambda: None)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        done = threading.Event()
        deadlines.add(0.0, done.set)
        os.write(write, b"1" if done.wait(10) and not deadlines._waiting else b"0")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 1) == b"1"
