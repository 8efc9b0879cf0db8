"""`midwatch check` tells rules that can be evaluated and will not do what was meant."""

from collections.abc import Mapping

import pytest

from midwatch.contract.plan import Problem
from midwatch.server.promql.lint import Sent
from midwatch.server.rules.files import read_plan_rules
from midwatch.server.rules.lint import lint_rules

CANVASCAST = """groups:
  - name: canvascast
    rules:
      - alert: HighErrorRate
        expr: rate(http_requests_total{status=~"5.."}[5m]) > 0.1
        for: 5m
        labels: {severity: critical}
      - alert: QueueBacklog
        expr: job_queue_depth > 100
        for: 10m
        labels: {severity: warning}
      - alert: HighJobFailureRate
        expr: rate(jobs_by_status{status="FAILED"}[1h]) > 0.1
        for: 15m
        labels: {severity: critical}
      - alert: SlowResponses
        expr: histogram_quantile(0.95, http_request_duration_seconds) > 5
        for: 5m
        labels: {severity: warning}
"""
SENT = Sent(
    kinds={"jobs_by_status": "gauge", "http_request_duration_seconds": "histogram"},
    names=frozenset(
        {"jobs_by_status", "http_request_duration_seconds_bucket", "http_requests_total", "job_queue_depth"}
    ),
)


def problems(text: str, **more: object) -> list[Problem]:
    read = read_plan_rules({"rules/a.yml": text})
    assert [one for one in read.problems if one.severity == "error"] == []
    return lint_rules({"rules/a.yml": text}, read.values, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("sent", [SENT, Sent(kinds=SENT.kinds)])
def test_canvascast_has_two_wrong_expressions_and_four_missing_runbooks(sent: Sent) -> None:
    """Each with its line, why, and the mended expression; all of them errors."""
    found = problems(CANVASCAST, sent=sent)
    wrong = [one for one in found if "runbook" not in one.message]
    assert [(one.line, one.column, one.severity) for one in wrong] == [(13, 15, "error"), (17, 15, "error")]
    assert wrong[0].message.endswith(': deriv(jobs_by_status{status="FAILED"}[1h]) > 0.1')
    assert wrong[1].message.endswith(
        ": histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 5"
    )
    missing = [one for one in found if "has no runbook" in one.message]
    assert [(one.line, one.severity) for one in missing] == [(line, "error") for line in (4, 8, 12, 16)]
    assert len(found) == 6


def test_without_knowing_what_is_sent_the_same_two_are_found() -> None:
    """Before anything was sent a gauge is told by its name, as a warning; a missing runbook is what the plan says."""
    found = problems(CANVASCAST, runbooks="warn")
    assert [one.severity for one in found if "runbook" not in one.message] == ["warning", "error"]
    assert [one.severity for one in found if "runbook" in one.message] == ["warning"] * 4
    assert len(problems(CANVASCAST, runbooks="off")) == 2


def alert(expr: str, annotations: str) -> str:
    head = "groups:\n  - name: g\n    rules:\n      - alert: A\n"
    return f"{head}        expr: {expr}\n        annotations: {annotations}\n"


LOST = [
    (
        "sum(rate(a_total[5m])) > 1",
        '{summary: "{{ $labels.job }}"}',
        "sum by (job) (rate(a_total[5m])) > 1",
    ),
    (
        "sum by (job) (rate(a_total[5m])) / sum by (job) (rate(b_total[5m])) > 1",
        '{summary: "{{ .Labels.route }} of {{ $labels.job }}"}',
        "sum by (job, route) (rate(a_total[5m])) / sum by (job, route) (rate(b_total[5m])) > 1",
    ),
    (
        "sum without (pod) (rate(a_total[5m])) > 1",
        "{summary: '{{ index $labels \"pod\" }}'}",
        "sum without () (rate(a_total[5m])) > 1",
    ),
]


@pytest.mark.parametrize(("expr", "annotations", "mended"), LOST)
def test_a_label_that_an_annotation_shows_has_to_be_left(expr: str, annotations: str, mended: str) -> None:
    """An error, with the expression that keeps the label."""
    (found,) = problems(alert(expr, annotations), runbooks="off")
    assert (found.line, found.severity) == (6, "error")
    assert found.message.endswith(f"; keep it: {mended}")
    assert problems(alert(mended, annotations), runbooks="off") == []


def test_labels_that_are_left_are_no_finding() -> None:
    """Of `by`, of a selector, of label_replace, of what absent() names."""
    for expr in (
        "sum by (job) (rate(a_total[5m])) > 1",
        "up == 0",
        'label_replace(sum(rate(a_total[5m])), "job", "x", "", "") > 1',
        'absent(up{job="api"})',
    ):
        assert problems(alert(expr, '{summary: "{{ $labels.job }}"}'), runbooks="off") == []


def test_a_runbook_has_to_be_there() -> None:
    """By its name in the plan, or anywhere else by its address; a wrong name is told with the near one."""
    for annotations in ('{runbook_url: "https://wiki.example/x"}', "{runbook: api/errors}"):
        assert problems(alert("up == 0", annotations), runbook_names=["api/errors"]) == []
    (found,) = problems(alert("up == 0", "{runbook: api/error}"), runbook_names=["api/errors"])
    assert "did you mean api/errors?" in found.message
    assert (found.line, found.severity) == (6, "error")


def test_an_alert_that_tells_nobody() -> None:
    """Where every receiver that it reaches has no channel."""

    def routed(labels: Mapping[str, str]) -> Mapping[str, bool]:
        assert labels == {"alertname": "A"}
        return {"nowhere": False}

    (found,) = problems(alert("up == 0", "{}"), runbooks="off", routed=routed)
    assert "goes to nowhere, where nobody is told" in found.message


def test_what_the_plan_records_is_sent() -> None:
    """A metric that nobody sends is told with the near name; one that a rule records is there."""
    text = """groups:
  - name: g
    rules:
      - {record: "job:errors", expr: "sum by (job) (rate(http_requests_total[5m]))"}
      - {alert: A, expr: "job:errors > 1"}
      - {alert: B, expr: job_queue_dept > 1}
"""
    (found,) = problems(text, sent=SENT, runbooks="off")
    assert (found.line, found.severity) == (6, "warning")
    assert "did you mean job_queue_depth?" in found.message
