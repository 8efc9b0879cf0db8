"""What a tick reads: each metric once, whatever the number of rules; and the same answers as rule by rule."""

import pytest

from midwatch.server.model.clock import VirtualClock
from midwatch.server.promql import Engine, LimitError, parse
from midwatch.server.rules.evaluation import Outcome, World, evaluate
from midwatch.server.rules.evaluator import Evaluator
from midwatch.server.rules.files import read_rules
from midwatch.server.rules.fresh import Fresh
from midwatch.server.rules.model import RuleSet
from midwatch.server.rules.needs import VALUES_MAX, Need, needs, together

from .fake_series import Course, Courses

START_MS = 1_700_000_000_000
EXPRESSIONS = (
    'rate(requests_total{job="a",code=~"5.."}[5m])',
    'sum by (job) (rate(requests_total{job="b"}[5m])) / sum by (job) (rate(requests_total[5m]))',
    'requests_total{job="a",code!="200"} offset 5m',
    'max_over_time(rate(requests_total{job="a"}[1m])[10m:1m])',
    'absent(requests_total{job="c"})',
    'job:rate{job="a"} > 0',
    'up{job="b"} == 0 or up{job="a"} == 1',
    'count({__name__=~"requests.*|up"})',
    'requests_total{job="a"} @ 1699999800',
    "deriv(up[1h])",
)


def loaded() -> RuleSet:
    rules = "".join(f"      - alert: A{place}\n        expr: '{one}'\n" for place, one in enumerate(EXPRESSIONS))
    text = "groups:\n"
    for group in ("x", "y"):
        text += f"  - name: {group}\n    labels: {{of: {group}}}\n    rules:\n"
        text += f"      - record: job:rate\n        expr: sum by (job) (rate(requests_total[2m]))\n{rules}"
    read = read_rules("rules/a.yml", text)
    assert read.rules is not None, read.problems
    return read.rules


def courses() -> Courses:
    found = Courses()
    for job in "ab":
        found.put("up", lambda at: float(at % 120_000 < 60_000), job=job)
        for place, code in enumerate(("200", "500", "503")):
            found.put("requests_total", _counting(place + ord(job)), job=job, code=code)
    return found


def _counting(slope: int) -> Course:
    return lambda at: float((at - START_MS + 7_200_000) // 1000 * slope)


def test_rules_that_are_read_together_come_to_what_each_comes_to_alone() -> None:
    """Offsets, subqueries, absence, recorded series, names by pattern and pinned times among them."""
    rules, source = loaded(), courses()
    world = World(Engine(), VirtualClock(START_MS * 1_000_000))
    joined, alone = Evaluator(world), Evaluator(world)
    for one in (joined, alone):
        one.load(rules, START_MS)
    now = START_MS + 600_000
    out, expected, fresh = joined.step(source, now), Outcome(), Fresh()
    together_reads, source.reads = source.reads, 0
    for due in alone.due(now, now):
        evaluate(world, due.state, source, fresh, due.at_ms, expected)

    def told(outcome: Outcome) -> list[tuple[object, ...]]:
        return sorted((one.labels, one.at_ms, repr(one.value)) for one in outcome.samples)

    assert told(out) == told(expected)
    assert len(told(out)) > 200
    assert together_reads < source.reads / 4


def test_a_tick_reads_each_metric_once() -> None:
    """Short windows in one read, long ones in another, whatever the number of rules and groups."""
    source = courses()
    evaluator = Evaluator(World(Engine(), VirtualClock(START_MS * 1_000_000)))
    evaluator.load(loaded(), START_MS)
    evaluator.step(source, START_MS + 60_000)
    # Together: requests_total, job:rate, up, and up of an hour. By a pattern of names: one a group.
    assert source.reads == 4 + 2


@pytest.mark.parametrize(
    ("selectors", "matchers"),
    [
        (['m{job="a"}', 'm{job="a"}'], 'job="a"'),
        (['m{job="a"}', 'm{job="b"}'], 'job=~"a|b"'),
        (['m{job="a.b"}', 'm{job="b",x="1"}'], r'job=~"a\.b|b"'),
        (['m{job="a"}', "m"], ""),
        (['m{job="a",x=~"q.*"}', 'm{x=~"q.*"}'], 'x=~"q.*"'),
        (['m{job="a"}', 'm{job=~"b|c"}'], ""),
        ([f'm{{job="j{place}"}}' for place in range(VALUES_MAX + 1)], ""),
    ],
)
def test_one_read_has_all_that_several_selectors_mean(selectors: list[str], matchers: str) -> None:
    """What all of them say, and the values of a label that all of them name; more where that is more than a few."""
    wanted = [need for one in selectors for need in needs(parse(one), START_MS, 300_000)]
    found = together(wanted)
    assert ",".join(f'{one.name}{one.type.value}"{one.value}"' for one in found.matchers) == matchers


def test_needs_know_the_time_that_each_selector_looks_at() -> None:
    """Look-back, range, offset and the subquery around it; nothing of what is at a time of its own."""
    expr = parse("rate(a[5m] offset 1m) + max_over_time((b + c @ 5)[1h:1m] offset 2m) + d")
    found = {one.name: (START_MS - one.start_ms, START_MS - one.end_ms) for one in needs(expr, START_MS, 300_000)}
    minute = 60_000
    assert found == {
        "a": (6 * minute - 1, minute),
        "b": (62 * minute + 5 * minute - 1, 2 * minute),
        "d": (5 * minute - 1, 0),
    }
    assert isinstance(next(needs(expr, START_MS, 300_000)), Need)


def test_a_metric_that_cannot_be_read_fails_its_own_rules_alone() -> None:
    """Too many series of one: its rules say so, and all others are as they are."""

    class Bounded(Courses):
        def select(self, matchers, start_ms, end_ms):  # type: ignore[no-untyped-def]
            if any(one.value == "up" for one in matchers):
                raise LimitError("query would select more than 2 series: narrow its matchers")
            return super().select(matchers, start_ms, end_ms)

    source = Bounded(courses().series)
    evaluator = Evaluator(World(Engine(), VirtualClock(START_MS * 1_000_000)))
    evaluator.load(loaded(), START_MS)
    evaluator.step(source, START_MS + 60_000)
    failing = [one for one in evaluator.groups["rules/a.yml;x"].rules if one.health == "err"]
    assert [one.rule.name for one in failing] == ["A6", "A9"]
    assert "more than 2 series" in failing[0].error
