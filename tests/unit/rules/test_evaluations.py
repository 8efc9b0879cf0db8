"""What an evaluation makes besides alerts: series, their ends, limits, failures, and what waits for the store."""

import numpy as np
import pytest

from midwatch.server.model.clock import VirtualClock, now_ms
from midwatch.server.model.errors import StoreError
from midwatch.server.promql import Engine
from midwatch.server.promql.floats import STALE_BITS, is_stale
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.histogram.model import Buckets, Hint
from midwatch.server.promql.labels import make
from midwatch.server.protocols.prometheus.messages import VERSION_1
from midwatch.server.rules.builtin import BEHIND_SECONDS_MAX, built_in_rules, facts
from midwatch.server.rules.evaluation import Outcome, World
from midwatch.server.rules.evaluator import CATCH_UP_MS, Evaluator
from midwatch.server.rules.fresh import Written
from midwatch.server.rules.measures import measures
from midwatch.server.rules.model import Group, RuleSet
from midwatch.server.rules.schedule import last_due, next_due, offset_ms
from midwatch.server.rules.series import SERIES_A_BODY, bodies
from midwatch.server.rules.state import GroupState

from .fake_series import Courses, between
from .test_alert_life import MINUTE, START_MS, Night, rules


def evaluator_of(loaded: RuleSet) -> tuple[Evaluator, GroupState, Courses]:
    evaluator = Evaluator(World(Engine(), VirtualClock(START_MS * 1_000_000)))
    evaluator.load(loaded, START_MS)
    return evaluator, next(iter(evaluator.groups.values())), Courses()


def values(out: Outcome, name: str) -> dict[str, float]:
    """By the labels that are not the name's."""
    return {
        ",".join(f"{label}={text}" for label, text in one.labels if label != "__name__"): one.value  # type: ignore[misc]
        for one in out.samples
        if dict(one.labels)["__name__"] == name
    }


def test_recorded_series_have_the_rules_labels_and_end_when_they_are_gone() -> None:
    """At the time of the evaluation; one that the next does not have gets the stale marker."""
    evaluator, group, source = evaluator_of(rules("- record: job:up\n  expr: up * 2\n  labels: {dc: x, job: ''}"))
    source.put("up", between(0, START_MS + 90_000, 1, None), instance="a", job="b")
    source.put("up", lambda at: 1.0, instance="c", job="b")
    out = evaluator.step(source, group.due_ms)
    assert values(out, "job:up") == {"dc=x,instance=a": 2, "dc=x,instance=c": 2}
    assert {one.at_ms for one in out.samples} == {group.done_ms}
    for _ in range(8):
        out = evaluator.step(source, group.due_ms)
        if len(out.samples) == 2 and is_stale(np.array([one.value for one in out.samples])).any():
            break
    ended = [dict(one.labels)["instance"] for one in out.samples if is_stale(np.array([one.value]))[0]]
    assert ended == ["a"]


def test_a_rule_reads_what_the_rule_before_it_recorded() -> None:
    """At the same time, though no query sees it yet."""
    text = "- record: a\n  expr: up + 1\n- record: b\n  expr: rate(a[5m]) + a\n- alert: C\n  expr: b > 1"
    evaluator, group, source = evaluator_of(rules(text))
    source.put("up", lambda at: at / 1000 - START_MS / 1000, job="x")
    first = evaluator.step(source, group.due_ms)
    assert values(first, "b") == {}
    evaluator.step(source, group.due_ms)
    third = evaluator.step(source, group.due_ms)
    assert values(third, "b")["job=x"] == pytest.approx(values(third, "a")["job=x"] + 1, rel=0.01)
    assert [one.alert_name for one in third.transitions] == ["C"] or group.rules[2].alerts


def test_alerts_as_series() -> None:
    """`ALERTS` by state and `ALERTS_FOR_STATE` with the time of the beginning; the state before ends."""
    night = Night(rules("- alert: A\n  expr: up == 0\n  for: 1m"))
    night.courses.put("up", lambda at: 0.0, job="x")
    first, second = night.minutes(1), night.minutes(1)
    assert values(first, "ALERTS") == {"alertname=A,alertstate=pending,job=x": 1}
    begun = values(first, "ALERTS_FOR_STATE")["alertname=A,job=x"]
    assert begun == night.transitions[0].at_ms // 1000
    told = values(second, "ALERTS")
    assert told["alertname=A,alertstate=firing,job=x"] == 1
    assert is_stale(np.array([told["alertname=A,alertstate=pending,job=x"]]))[0]


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("- record: a\n  expr: up", "exceeded limit of 2 with 3 series"),
        ("- alert: A\n  expr: up", "exceeded limit of 2 with 3 alerts"),
        ("- record: a\n  expr: up\n  labels: {job: same}", "the same labelset after applying rule labels"),
        ("- alert: A\n  expr: up\n  labels: {job: same}", "the same labelset after applying alert labels"),
        ("- record: a\n  expr: up + on () up", "found duplicate series for the match group"),
    ],
)  # fmt: skip
def test_a_failed_evaluation_is_the_rules_health(rule: str, error: str) -> None:
    """Its error is told and counted, nothing is written, and the rules beside it go on."""
    loaded = rules(f"{rule}\n- record: fine\n  expr: count(up)", head="    limit: 2\n")
    evaluator, group, source = evaluator_of(loaded)
    for job in "abc":
        source.put("up", lambda at: 1.0, job=job)
    out = evaluator.step(source, group.due_ms)
    failed, fine = group.rules
    assert failed.health == "err"
    assert error in failed.error
    assert (fine.health, values(out, "fine")) == ("ok", {"": 3})
    told = {one.name: one.value for one in measures([evaluator])}
    assert told["prometheus_rule_evaluation_failures_total"] == 1
    assert told["prometheus_rule_evaluations_total"] == 2


def test_what_the_store_does_not_answer_waits_with_its_time() -> None:
    """Nobody is answered: all is due still. Only this rule is not: that is its failure, and told."""
    evaluator, group, source = evaluator_of(rules("- alert: A\n  expr: up == 0\n- record: b\n  expr: up"))
    source.put("up", lambda at: 0.0, job="x")
    source.failure, source.answering, due = StoreError("the store does not answer"), False, group.due_ms
    out = evaluator.step(source, due)
    assert (out.answered, out.samples, group.due_ms, group.failing) == (False, [], due, [])
    source.answering = True
    out = evaluator.step(source, due + 31_000)
    assert (out.answered, [one.error for one in group.failing]) == (True, ["the store does not answer"] * 2)
    source.failure = None
    evaluator.step(source, group.due_ms)
    assert (group.failing, group.rules[0].state.value) == ([], "firing")


def test_what_was_due_too_long_ago_is_missed_and_counted() -> None:
    """An hour is caught up with, each time for itself; older ones are history."""
    evaluator, group, source = evaluator_of(rules("- record: a\n  expr: up", interval="1m"))
    first = group.due_ms
    evaluator.step(source, first + CATCH_UP_MS - 1)
    assert (group.missed, group.iterations) == (0, 60)
    evaluator.step(source, group.due_ms + CATCH_UP_MS + 10 * MINUTE)
    assert (group.missed, group.iterations) == (11, 60 + 60)


def test_rules_that_are_gone_end_their_series_and_alerts() -> None:
    """At once: nobody else would. What stays keeps its state, also where another rule comes before it."""
    both = rules("- alert: Old\n  expr: up == 0\n- alert: Kept\n  expr: up == 0")
    night = Night(both)
    night.courses.put("up", lambda at: 0.0, job="x")
    night.minutes(1.5)
    now = now_ms(night.clock)
    assert len(night.evaluator.owed(now)) == 2
    new = rules("- record: new\n  expr: up\n- alert: Kept\n  expr: up == 0")
    out = night.evaluator.load(new, now)
    assert [(one.alert_name, one.after.value) for one in out.transitions] == [("Old", "inactive")]
    assert [(one.name, one.ends_at_ns) for one in out.alerts] == [("Old", now * 1_000_000)]
    assert all(is_stale(np.array([one.value]))[0] for one in out.samples)
    kept = night.evaluator.groups["rules/a.yml;g"].rules[1]
    assert (kept.state.value, len(kept.alerts)) == ("firing", 1)


def test_groups_are_due_at_the_multiples_of_their_interval_moved_by_a_hash() -> None:
    """Evenly, always the same, and a restart changes nothing of it."""
    groups = [Group("rules/a.yml", f"g{place}", (), 60_000) for place in range(200)]
    offsets = [offset_ms(one) for one in groups]
    assert {one // 10_000 for one in offsets} == set(range(6))
    for group, offset in zip(groups, offsets, strict=True):
        assert last_due(group, START_MS) <= START_MS < next_due(group, START_MS)
        assert last_due(group, START_MS) % 60_000 == offset
        assert last_due(group, next_due(group, START_MS)) == next_due(group, START_MS)


def test_being_behind_is_an_alert_and_silences_what_it_causes() -> None:
    """Over 60 s it fires by figures that need no store; late groups and failing rules are its consequences then."""
    evaluator, group, source = evaluator_of(rules("- record: a\n  expr: up + on () up"))
    for job in "ab":
        source.put("up", lambda at: 1.0, job=job)
    evaluator.step(source, group.due_ms)
    built_in = Evaluator(evaluator.world)
    built_in.load(built_in_rules(), START_MS)

    def firing(at_ms: int, behind_ms: int) -> list[str]:
        for one in built_in.due(at_ms, at_ms):
            figures = facts(evaluator, one.at_ms, at_ms, behind_ms, at_ms - behind_ms)
            built_in.evaluate(figures, [one], at_ms)
        return [
            one.rule.name for state in built_in.groups.values() for one in state.rules if one.state.value == "firing"
        ]

    edge_ms = BEHIND_SECONDS_MAX * 1000
    now = group.done_ms
    assert firing(now + 5_000, edge_ms) == []
    assert firing(now + 65_000, 0) == ["MidwatchRuleFailing"]
    assert firing(now + 70_000, edge_ms + 1) == ["MidwatchBehind"]
    assert firing(now + 75_000, 0) == []
    assert firing(now + 180_000, 0) == ["MidwatchRulesLate", "MidwatchRuleFailing"]
    (rule,) = (one for state in built_in.groups.values() for one in state.rules if one.rule.name == "MidwatchRulesLate")
    assert rule.alerts[0].annotations["summary"].startswith("Rule group rules/a.yml;g is 2m ")


def test_what_rules_make_is_written_as_a_prometheus_writes_it() -> None:
    """Sorted labels, time and value, the marker's own bits; bodies of a bounded size."""
    labels = make({"__name__": "a", "job": "x"})
    stale = float(np.array(STALE_BITS, dtype=np.uint64).view(np.float64))
    samples = [Written(labels, 1000 + place, stale if place == 0 else 1.5) for place in range(SERIES_A_BODY + 1)]
    found = bodies(samples)
    assert [items for _, items in found] == [SERIES_A_BODY, 1]
    request = VERSION_1.request.FromString(found[0][0])
    one = request.timeseries[0]
    assert [(pair.name, pair.value) for pair in one.labels] == [("__name__", "a"), ("job", "x")]
    assert int(np.array([one.samples[0].value]).view(np.uint64)[0]) == STALE_BITS
    assert (request.timeseries[1].samples[0].value, request.timeseries[1].samples[0].timestamp) == (1.5, 1001)


def test_native_histograms_are_recorded_with_their_buckets() -> None:
    """Spans of buckets that stand side by side, counts as floats, the time of the evaluation."""
    buckets = Buckets(np.array([-1, 0, 3, 4]), np.array([1.0, 2.0, 0.5, 4.0]))
    value = FloatHistogram(schema=2, count=7.5, sum=12.0, zero_threshold=0.001, positive=buckets, hint=Hint.GAUGE)
    ((content, items),) = bodies([Written(make({"__name__": "h"}), 5000, value)])
    (one,) = VERSION_1.request.FromString(content).timeseries
    (told,) = one.histograms
    assert (items, len(one.samples), told.timestamp, told.schema, told.reset_hint) == (1, 0, 5000, 2, 3)
    assert (told.count_float, told.sum, list(told.positive_counts)) == (7.5, 12.0, [1.0, 2.0, 0.5, 4.0])
    assert [(span.offset, span.length) for span in told.positive_spans] == [(-1, 2), (2, 2)]
    assert (list(told.negative_spans), told.zero_threshold) == ([], 0.001)


@pytest.mark.parametrize(
    ("annotations", "url"),
    [
        ("{runbook: api/errors}", "/alerts/runbooks/api/errors?alert="),
        ("{runbook: 'https://wiki.example/x'}", "https://wiki.example/x"),
        ("{runbook: a, runbook_url: 'https://wiki.example/y'}", "https://wiki.example/y"),
        ("{summary: x}", None),
    ],
)
def test_whoever_is_told_finds_the_runbook(annotations: str, url: str | None) -> None:
    """A name of the plan becomes the address of its page with the alert; what is an address stays one."""
    evaluator, group, source = evaluator_of(rules(f"- alert: A\n  expr: up == 0\n  annotations: {annotations}"))
    source.put("up", lambda at: 0.0, job="x")
    evaluator.step(source, group.due_ms)
    (told,) = evaluator.owed(group.done_ms)
    found = told.annotations.get("runbook_url")
    assert found == (url + told.fingerprint if url and url.endswith("=") else url)
