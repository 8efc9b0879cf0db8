"""Objectives are read from Sloth's and OpenSLO's files; what is wrong with one is told with its place."""

import pytest

from midwatch.server.objective_rules import rules_of_objectives, rules_text
from midwatch.server.promql import parse
from midwatch.server.rules.files import read_rules
from midwatch.server.rules.model import AlertingRule
from midwatch.server.slo.files import read_objectives
from midwatch.server.slo.generated import rule_groups
from midwatch.server.slo.objective import BurnAlert, Objective, Ratio
from midwatch.server.slo.queries import counted, latency

SLOTH = """version: prometheus/v1
service: api
labels: {owner: core}
slos:
  - name: availability
    objective: 99.9
    description: Requests are answered.
    labels: {tier: "1"}
    sli:
      events:
        error_query: sum(rate(http_requests_total{status=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total[{{ .window }}]))
    alerting:
      name: ApiAvailability
      labels: {team: core}
      annotations: {runbook_url: "https://example.test/r"}
      page_alert:
        labels: {severity: critical}
      ticket_alert:
        disable: true
"""

OPENSLO = """apiVersion: openslo/v1
kind: SLO
metadata:
  name: fast
spec:
  service: web
  indicatorRef: quick-answers
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives:
    - {displayName: Good, target: 0.99}
    - {displayName: Fair, targetPercent: 95}
  alertPolicies: [burns]
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: quick-answers}
spec:
  ratioMetric:
    counter: true
    good:
      metricSource: {type: Prometheus, spec: {query: 'http_fast_total{job="web"}'}}
    total:
      metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="web"}'}}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: burns}
spec:
  conditions:
    - conditionRef: quickly
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: quickly}
spec:
  severity: page
  condition: {kind: burnrate, op: gte, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}
"""


def read(text: str) -> list[Objective]:
    found = read_objectives({"slos/a.yml": text})
    assert [one for one in found.problems if one.severity == "error"] == []
    return list(found.values["slos/a.yml"])


def test_a_file_of_sloth() -> None:
    """Names, labels of file and objective, alerts and queries are taken as they stand."""
    (one,) = read(SLOTH)
    assert (one.id, one.target, one.window, one.budget) == ("api-availability", 0.999, "30d", 0.001)
    assert one.labels == {"owner": "core", "tier": "1"}
    assert one.page == BurnAlert({"severity": "critical"}, {})
    assert one.ticket is None
    assert one.indicator == Ratio(
        'sum(rate(http_requests_total{status=~"5.."}[{{.window}}]))', "sum(rate(http_requests_total[{{.window}}]))"
    )


def test_files_of_openslo() -> None:
    """Objects name one another over documents; each target is an objective; a policy says which alerts there are."""
    good, fair = read(OPENSLO)
    assert [(one.id, one.target, one.window) for one in (good, fair)] == [
        ("web-fast-0", 0.99, "28d"),
        ("web-fast-1", 0.95, "28d"),
    ]
    total = 'sum(increase(http_requests_total{job="web"}[{{.window}}]))'
    assert good.indicator == Ratio(f'{total} - sum(increase(http_fast_total{{job="web"}}[{{{{.window}}}}]))', total)
    assert (good.page, good.ticket) == (BurnAlert(), None)


def test_the_rules_of_an_objective() -> None:
    """Shares of errors for every window, what boards made for Sloth ask, an alert for each urgency that is on."""
    (one,) = read(SLOTH)
    groups = rule_groups(one)
    rules = [rule for group in groups for rule in group["rules"]]
    for rule in rules:
        parse(rule["expr"])
    recorded = [rule["record"] for rule in rules if "record" in rule]
    windows = ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d")
    assert recorded[: len(windows)] == [f"slo:sli_error:ratio_rate{window}" for window in windows]
    assert recorded[len(windows) :] == [
        "slo:objective:ratio",
        "slo:error_budget:ratio",
        "slo:time_period:days",
        "slo:current_burn_rate:ratio",
        "slo:period_burn_rate:ratio",
        "slo:period_error_budget_remaining:ratio",
        "sloth_slo_info",
    ]
    (alert,) = [rule for rule in rules if "alert" in rule]
    assert alert["alert"] == "ApiAvailability"
    assert alert["labels"] == {"sloth_severity": "page", "team": "core", "severity": "critical"}
    assert alert["annotations"]["runbook_url"] == "https://example.test/r"
    assert "(14.4 * 0.001)" in alert["expr"]
    assert "(6 * 0.001)" in alert["expr"]


BAD = [
    ("slos: []\n", 1, "expected version: prometheus/v1 (Sloth) or apiVersion: openslo/v1 (OpenSLO)"),
    (SLOTH.replace("objective: 99.9", "objective: 100"), 6, "slos[0].objective=100"),
    (SLOTH.replace("[{{.window}}]", "[5m]"), 11, "expected {{.window}} as the range of its selectors"),
    (SLOTH.replace("sum(rate(http_requests_total[{", "sum(rat(http_requests_total[{"), 12, "is no PromQL"),
    (SLOTH.replace("description:", "descripton:"), 7, "descripton: unknown key; expected one of name, description"),
    (SLOTH + SLOTH.partition("slos:\n")[2], 21, "api-availability: slos/a.yml has an objective of this service"),
    (OPENSLO.replace("indicatorRef: quick-answers", "indicatorRef: slow"), 6, "expected the name of an SLI in slos/"),
    (OPENSLO.replace("kind: SLI", "kind: SLU"), 16, "kind=SLU: expected one of SLO, SLI, Service"),
    (OPENSLO.replace("isRolling: true", "isRolling: false"), 6, "budgets of calendar months are not kept"),
    (OPENSLO.replace("conditionRef: quickly", "conditionRef: x"), 6, "expected the name of an AlertCondition"),
    (OPENSLO.replace("duration: 28d", "duration: 1d"), 11, "expected a window of 3 to 365 days, got 1d"),
]


@pytest.mark.parametrize(("text", "line", "message"), BAD)
def test_what_is_wrong_is_told_with_its_place(text: str, line: int, message: str) -> None:
    """On the line where it stands, also in a later document of a file."""
    errors = [one for one in read_objectives({"slos/a.yml": text}).problems if one.severity == "error"]
    assert line in [one.line for one in errors if message in one.message], errors


def test_an_alert_that_can_never_fire_is_a_warning() -> None:
    """At 90 % a budget cannot burn 14.4 times too fast: that would be 144 % of all events."""
    found = read_objectives({"slos/a.yml": SLOTH.replace("objective: 99.9", "objective: 90")})
    assert [(one.severity, one.line) for one in found.problems] == [("warning", 5)]
    assert "14.4 times too fast is more than every event" in found.problems[0].message


def test_plain_selectors_are_counted() -> None:
    """A counter by its increase, samples that are counts by their sum; a query by its own window."""
    assert counted("a_total", counter=True) == "sum(increase(a_total[{{.window}}]))"
    assert counted("a", counter=False) == "sum(sum_over_time(a[{{.window}}]))"
    assert counted("sum(rate(a[{{ .window }}]))", counter=True) == "sum(rate(a[{{.window}}]))"


def test_latency_is_what_no_fast_bucket_has() -> None:
    """Slow ones are all but those of the bucket at the threshold."""
    slow, every = latency("http_request_duration_seconds", 0.5, 'job="api"')
    assert every == 'sum(rate(http_request_duration_seconds_count{job="api"}[{{.window}}]))'
    assert slow == (
        f'{every} - sum(rate(http_request_duration_seconds_bucket{{job="api", le="0.5"}}[{{{{.window}}}}]))'
    )


def test_the_rules_are_those_of_the_file_that_is_shown() -> None:
    """What is evaluated and what one could give to a Prometheus are the same rules."""
    for text in (SLOTH, OPENSLO):
        objectives = read(text)
        shown = read_rules("slos/a.yml", rules_text(objectives))
        assert shown.rules is not None, shown.problems
        made = rules_of_objectives({"slos/a.yml": objectives})
        assert [(one.id, one.name, one.query, one.labels) for _, one in made] == [
            (one.id, one.name, one.query, one.labels) for _, one in shown.rules
        ]
        assert [one.annotations for _, one in made if isinstance(one, AlertingRule)] == [
            one.annotations for _, one in shown.rules if isinstance(one, AlertingRule)
        ]


def test_as_many_objectives_as_there_may_be() -> None:
    """All of one file: their rules are more text than a rule file may have, and are rules all the same."""
    head, _, one = SLOTH.partition("  - name: availability\n")
    text = head + "".join(f"  - name: n{number}\n{one}" for number in range(120))
    assert len(list(rules_of_objectives({"slos/a.yml": read(text)}))) == 120 * 16
