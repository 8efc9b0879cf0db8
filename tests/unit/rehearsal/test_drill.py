"""Any alert can be rehearsed: series are made up for it, and who is told of what when is what would happen."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from midwatch.server.alerting.config.read import read_configuration
from midwatch.server.alerting.configuration import Configuration, built_in
from midwatch.server.model.alert import Alert
from midwatch.server.notify.kinds import KINDS
from midwatch.server.promql import Engine, parse
from midwatch.server.rehearsal.drill import Drill, drilled
from midwatch.server.rehearsal.replay import FOR_EVER_NS, Moment
from midwatch.server.rehearsal.synthesis import NotFound, synthesised
from midwatch.server.rehearsal.told import told_of
from midwatch.server.rules.alerts import State
from midwatch.server.rules.files import read_rules
from midwatch.server.rules.templates import RuleTemplates, Surroundings

MONDAY_MS = int(datetime(2026, 11, 30, 10, 0, tzinfo=UTC).timestamp() * 1000)
MINUTE_MS = 60_000
ROUTES = """route:
  receiver: slack
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  routes:
    - matchers: [severity="critical"]
      receiver: on-call
      continue: true
    - matchers: [severity="critical"]
      receiver: slack
receivers:
  - name: on-call
    webhook_configs: [{url: "http://127.0.0.1:9/page"}]
  - name: slack
    webhook_configs: [{url: "http://127.0.0.1:9/slack"}]
"""


def configuration(text: str = ROUTES) -> Configuration:
    found, problems = read_configuration(text, KINDS)
    assert found is not None, problems
    return found


def drill(expr: str, for_: str = "5m", *, severity: str = "critical", annotation: str = "x") -> Drill:
    text = f"""groups:
  - name: g
    rules:
      - alert: Rehearsed
        expr: {expr!r}
        for: {for_}
        labels: {{severity: {severity}}}
        annotations: {{summary: '{annotation}'}}
"""
    read = read_rules("rules/a.yml", text)
    assert read.rules is not None, read.problems
    ((group, rule),) = read.rules.alerting("Rehearsed")
    templates = RuleTemplates(Surroundings())
    return asyncio.run(drilled(group, rule, configuration(), Engine(), templates, at_ms=MONDAY_MS))


CONDITIONS = [
    'rate(http_requests_total{status=~"5.."}[5m]) > 0.1',
    "job_queue_depth > 100",
    'absent(up{job="api"})',
    'sum(rate(requests_errors_total{status=~"5.."}[2m])) / sum(rate(requests_total[2m])) > 0.5',
    "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 2",
    "increase(sessions_created_total[1h]) < 10",
    'sum(rate(sandbox_created_total{status="success"}[5m])) / sum(rate(sandbox_created_total[5m])) < 0.5',
    "time() - heartbeat_last_seen_seconds > 7200",
    "up == 0",
    'probe_success{target!~"internal.*"} == 0',
    "changes(process_start_time_seconds[10m]) > 3",
    "up == 0 and on (job) deploy_running == 0",
    "predict_linear(disk_free_bytes[1h], 4 * 3600) < 0",
    "abs(temperature - 20) > 5",
    "count(up == 0) / count(up) > 0.3",
    "sum by (job) (increase(errors_total[5m])) > 3 * sum by (job) (increase(errors_total[5m] offset 1w))",
]


@pytest.mark.parametrize("expr", CONDITIONS)
def test_series_are_found_under_which_a_rule_fires(expr: str) -> None:
    """First it is quiet and then it is not, whatever it asks; it fires, is told of, and is over again."""
    found = drill(expr)
    kinds = [one.kind for one in found.entries]
    assert (found.fired, found.resolved) == (True, True)
    assert kinds.index("incident") < kinds.index("pending") < kinds.index("firing") < kinds.index("notified")
    assert kinds[-1] == "notified"
    assert found.told == ["on-call", "slack"]


def test_the_timeline_is_the_one_that_would_happen() -> None:
    """Pending at the next evaluation, firing five minutes later, told after group_wait; resolved is told, too."""
    found = drill("job_queue_depth > 100")
    at = {one.kind: one.at_ms for one in reversed(found.entries) if one.kind != "notified"}
    assert 0 <= at["pending"] - at["incident"] <= MINUTE_MS
    assert at["firing"] - at["pending"] == 5 * MINUTE_MS
    assert 0 <= at["resolved"] - at["over"] <= MINUTE_MS
    first, *_ = found.notifications
    assert first.at_ns // 10**6 - at["firing"] == 30_000
    last = found.notifications[-1]
    assert (len(last.firing), len(last.resolved)) == (0, 1)
    assert found.observed.threshold == 100
    assert found.lines[0].points


def test_labels_that_a_text_shows_are_made_up() -> None:
    """So that a rehearsed message has no holes."""
    found = drill("job_queue_depth > 100", annotation="{{ $labels.queue }} of {{ $labels.service }}")
    text = found.notifications[0].firing[0].annotations["summary"]
    assert re.fullmatch(r"\w+ of \w+", text)


def test_a_rule_that_cannot_fire_says_so() -> None:
    """There is no series that is greater than itself."""
    query = "up > up"
    with pytest.raises(NotFound, match="lets it fire"):
        synthesised(Engine(), parse(query), query)
    with pytest.raises(NotFound, match="asks for no series"):
        synthesised(Engine(), parse("vector(1) > 0"), "vector(1) > 0")


def test_without_routes_nobody_is_told() -> None:
    """The built-in configuration has a receiver and no channel: the life is there, the messages are not."""
    read = read_rules("a.yml", "groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]")
    assert read.rules is not None
    ((group, rule),) = read.rules.alerting("A")
    templates = RuleTemplates(Surroundings())
    found = asyncio.run(drilled(group, rule, built_in(), Engine(), templates, at_ms=MONDAY_MS))
    assert (found.fired, found.resolved, found.notifications) == (True, True, ())


def test_what_is_too_much_is_told_until_when(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alert that flaps for a day is more looks than the limit: what was worked out is there, and so is its end."""
    flaps = []
    for minute in range(0, 24 * 60, 2):
        began = MONDAY_MS + minute * MINUTE_MS
        for at_ms, before, after in (
            (began, State.PENDING, State.FIRING),
            (began + MINUTE_MS, State.FIRING, State.INACTIVE),
        ):
            ends_ns = at_ms * 10**6 if after is State.INACTIVE else FOR_EVER_NS
            alert = Alert(
                {"alertname": "Flaps", "severity": "critical"}, began * 10**6, ends_ns, updated_at_ns=at_ms * 10**6
            )
            flaps.append(Moment(at_ms, before, after, alert, 1.0))
    end_ms = MONDAY_MS + 25 * 60 * MINUTE_MS
    whole = asyncio.run(told_of(configuration(), flaps, end_ms))
    assert whole.until_ms is None
    monkeypatch.setattr("midwatch.server.rehearsal.told.STEPS_MAX", 100)
    cut = asyncio.run(told_of(configuration(), flaps, end_ms))
    assert cut.until_ms is not None
    assert MONDAY_MS < cut.until_ms < end_ms
    assert cut.notifications == whole.notifications[: len(cut.notifications)]
    assert 0 < len(cut.notifications) < len(whole.notifications)
