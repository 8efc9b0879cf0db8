"""Thresholds beside what a series did for two weeks: those that are out of reach are told, calm ones are not."""

import asyncio
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from midwatch.server.model.clock import VirtualClock
from midwatch.server.promql.floats import Floats, Ints
from midwatch.server.promql.labels import Labels, make
from midwatch.server.promql.syntax import ParserOptions, parse
from midwatch.server.rules.files import read_plan_rules
from midwatch.server.rules.lint import LookBack
from midwatch.server.rules.lint.compared import compared
from midwatch.server.rules.lint.seen import seen
from midwatch.server.rules.lint.thresholds import judged

STEP_MS, DAY_MS = 600_000, 86_400_000
TIMES: Ints = np.arange(100 * DAY_MS, 114 * DAY_MS + 1, STEP_MS, dtype=np.int64)
Course = Callable[[Ints], Floats]


def between(low: float, high: float) -> Course:
    """Up and down by the day."""
    return lambda times: low + (high - low) * (0.5 - 0.5 * np.cos(times % DAY_MS / DAY_MS * 2 * np.pi))


def rarely(high: float) -> Course:
    """Zero, but for one look in a hundred."""
    return lambda times: np.where(np.arange(len(times)) % 100 == 50, high, 0.0)


LATENCY = "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"
ERRORS = 'sum(rate(r_total{code=~"5.."}[5m])) / sum(rate(r_total[5m]))'
TOLD = [
    (
        f"{LATENCY} > 500",
        between(0.1, 3.2),
        10.0,
        "never_held",
        f"{LATENCY} > 0.5",
        "the largest value was 3.2: `> 500`",
    ),
    (f"{LATENCY} > 10", between(0.1, 3.2), 10.0, "never_held", f"{LATENCY} > 3.2", "the last bucket ends at 10"),
    (f"{ERRORS} > 5", rarely(0.02), None, "never_held", f"{ERRORS} > 0.05", "If 5 per cent are meant"),
    ("job:errors:ratio_rate5m > 5", rarely(0.02), None, "never_held", "job:errors:ratio_rate5m > 0.05", "a share"),
    ("queue_length > 1000", between(1, 5), None, "never_held", "queue_length > 5", "nor came near"),
    ("1000 < queue_length", between(1, 5), None, "never_held", "5 < queue_length", "`> 1000` never held"),
    ("a > 3 and on () b > 1000", between(2, 5), None, "never_held", "a > 3 and on () b > 5", "`> 1000` never held"),
    (
        *("process_resident_memory_bytes > 500", between(1e8, 4e8), None, "always_held"),
        *("process_resident_memory_bytes > 524288000", "held each of the 2,017 times looked at, the least value was"),
    ),
    ("cpu_percent > 0.9", between(20, 60), None, "always_held", "cpu_percent > 90", "If a share from 0 to 1 is meant"),
    ("temperature > 3", between(18, 24), None, "always_held", "temperature > 24", "99% of the values were at most 24"),
    ("free_slots < 100", between(20, 60), None, "always_held", "free_slots < 20", "99% of the values were at least 20"),
    ("health == 0", lambda times: times * 0.0, None, "always_held", None, "it tells nothing apart"),
    (
        *("probe_ssl_earliest_cert_expiry - time() < 14", between(50 * 86400, 60 * 86400), None, "never_held"),
        *("probe_ssl_earliest_cert_expiry - time() < 1209600", "If 14 days are meant"),
    ),
]


def judge(
    query: str, course: Course, bucket_max: float | None = None, times: Ints = TIMES
) -> list[tuple[str, str | None, str]]:
    found = []
    for one in compared(parse(query, ParserOptions.everything())):
        values = np.array([course(times)])
        what = judged(query, one, seen(one.operator, one.threshold, times, values, STEP_MS, bucket_max))
        if what is not None:
            found.append((what.check, what.mended, what.message))
    return found


@pytest.mark.parametrize(("query", "course", "bucket_max", "check", "mended", "told"), TOLD)
def test_what_is_out_of_reach_is_told(
    query: str, course: Course, bucket_max: float | None, check: str, mended: str | None, told: str
) -> None:
    """With the figures, and the query as it was probably meant."""
    ((found, instead, message),) = judge(query, course, bucket_max)
    assert (found, instead) == (check, mended)
    assert message.startswith("over the last 14 days ")
    assert told in message


@pytest.mark.parametrize(
    ("query", "course", "bucket_max"),
    [
        (f"{LATENCY} > 5", between(0.01, 0.04), 10.0),
        (f"{ERRORS} > 0.5", between(0.0001, 0.0003), None),
        ("sum(rate(errors_total[5m])) > 10", rarely(0.01), None),
        ("queue_length > 100", between(1, 5), None),
        ("lag_seconds > 300", lambda times: between(0.1, 0.2)(times) + rarely(12)(times), None),
        ("time() - last_run_timestamp_seconds > 86400", between(1, 300), None),
        ("up == 0", lambda times: times * 0 + 1.0, None),
        ("node_filesystem_avail_bytes < 1000000000", between(1e12, 2e12), None),
        ("disk_free_bytes < 5e9", between(1e10, 2e10), None),
        ("sum(rate(a_total[1h])) / sum(rate(a_total[1h] offset 1w)) > 2", between(0.5, 0.9), None),
        ("queue_length > 3", between(1, 5), None),
        ("a / b > 0.05 and b > 1", between(0, 0.04), None),
        ("a < 3 and b > 0", between(1, 9), None),
        ("absent(up) == 1", lambda times: times * 0 + 1.0, None),
        ('ALERTS{alertstate="firing"} > 0', lambda times: times * 0 + 1.0, None),
        ("vector(1) > 0", lambda times: times * 0 + 1.0, None),
        ("errors > 0", lambda times: np.where(np.arange(len(times)) % 3 == 0, 1.0, np.nan), None),
        ("queue_length", between(1, 5), None),
        ("queue_length > bool 1000", between(1, 5), None),
    ],
)
def test_what_is_calm_is_not_told(query: str, course: Course, bucket_max: float | None) -> None:
    """An alert that did not fire in two weeks is how it should be."""
    assert judge(query, course, bucket_max) == []


@pytest.mark.parametrize(("hours", "told"), [(23, False), (25, True)])
def test_young_series_are_not_judged(hours: int, *, told: bool) -> None:
    """With less than a day the first night may be to come."""
    times = TIMES[-hours * 6 :]
    assert bool(judge("queue_length > 1000", between(1, 5), times=times)) is told
    assert bool(judge("queue_length > 0", between(1, 5), times=times)) is told


RULES = """groups:
  - name: g
    rules:
      - alert: Slow
        expr: slow > 1000
      - alert: Far
        expr: far > 1000
      - alert: FarToo
        expr: far > 2000
"""


def looked_back(answers: Mapping[str, Course | None], seconds_max: float = 0.2) -> tuple[list[str], list[str]]:
    """What is told, and what was asked; a course of None never comes."""
    asked: list[str] = []

    async def ask(query: str, start_ms: int, end_ms: int, step_ms: int) -> tuple[list[Labels], Ints, Floats]:
        asked.append(query)
        times = np.arange(start_ms, end_ms + 1, step_ms, dtype=np.int64)
        course = answers[query]
        if course is None:
            await asyncio.Event().wait()
        assert course is not None
        return [make({})], times, np.array([course(times)])

    read = read_plan_rules({"rules/a.yml": RULES})
    found = asyncio.run(LookBack(ask, VirtualClock(), seconds_max)({"rules/a.yml": RULES}, read.values))
    return [str(one) for one in found], asked


def test_rules_that_there_is_no_time_for_are_named() -> None:
    """In one line, which is neither error nor warning; what was looked at before is told."""
    told, _ = looked_back({"max(slow)": None, "max(far)": between(1, 5)})
    (line,) = told
    assert line.startswith("rules/a.yml:4:9: info: not compared with stored history, ")
    assert "to read: Slow, Far, FarToo; " in line


def test_who_asks_again_goes_on_from_there() -> None:
    """What was answered is kept until there is a next look to be had."""
    asked: list[str] = []

    async def ask(query: str, start_ms: int, end_ms: int, step_ms: int) -> tuple[list[Labels], Ints, Floats]:
        asked.append(query)
        times = np.arange(start_ms, end_ms + 1, step_ms, dtype=np.int64)
        return [make({})], times, np.array([between(1, 5)(times)])

    clock = VirtualClock()
    look, rules = LookBack(ask, clock), read_plan_rules({"rules/a.yml": RULES}).values
    for _ in range(2):
        asyncio.run(look({"rules/a.yml": RULES}, rules))
    assert asked == ["max(slow)", "max(far)"]
    clock.advance(601)
    asyncio.run(look({"rules/a.yml": RULES}, rules))
    assert len(asked) == 4


def test_what_two_rules_look_at_is_asked_once() -> None:
    """Each with its own line and column."""
    told, asked = looked_back({"max(slow)": rarely(1), "max(far)": between(1, 5)})
    assert asked == ["max(slow)", "max(far)"]
    assert [one.split(" over")[0] for one in told] == ["rules/a.yml:7:15: warning:", "rules/a.yml:9:15: warning:"]
