"""promtool's unit tests of rules run as they are; tests/integration/rehearsal compares with promtool itself."""

import pytest

from midwatch.contract.plan import Problem
from midwatch.server.rehearsal.unit_tests import UnitTests, read_unit_tests, run_unit_tests
from midwatch.server.rules.files import read_rules

RULES = """groups:
  - name: example
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
      - alert: InstanceDown
        expr: up == 0
        for: 5m
        labels: {severity: page}
        annotations:
          summary: "Instance {{ $labels.instance }} of {{ $externalLabels.region }} is down"
      - alert: NobodyThere
        expr: absent(up{job="other"})
"""
TESTS = """rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - name: the whole life
    interval: 1m
    external_labels: {region: eu}
    input_series:
      - series: up{job="api", instance="a:1"}
        values: 1 0x6 1x3
      - series: http_requests_total{job="api", instance="a:1"}
        values: 0+60x10
    alert_rule_test:
      - eval_time: 5m
        alertname: InstanceDown
      - eval_time: 6m
        alertname: InstanceDown
        exp_alerts:
          - exp_labels: {severity: page, job: api, instance: "a:1"}
            exp_annotations:
              summary: Instance a:1 of eu is down
      - eval_time: 8m
        alertname: InstanceDown
    promql_expr_test:
      - expr: job:requests:rate5m
        eval_time: 10m
        exp_samples:
          - labels: job:requests:rate5m{job="api"}
            value: 1
      - expr: ALERTS{alertname="InstanceDown"}
        eval_time: 3m
        exp_samples:
          - labels: >-
              ALERTS{alertname="InstanceDown", alertstate="pending", severity="page", job="api", instance="a:1"}
            value: 1
"""


def run(tests: str = TESTS) -> UnitTests:
    rules = read_rules("rules.yml", RULES)
    assert rules.rules is not None, rules.problems
    found, document, problems = read_unit_tests("rules/tests.yml", tests)
    assert found is not None, problems
    return run_unit_tests(found, document, rules.rules)


def test_what_is_expected_comes_true() -> None:
    """Pending, firing with its texts, resolved; what is recorded, and ALERTS."""
    found = run()
    assert found.problems == ()
    assert (found.tests, found.expectations) == (1, 5)


WRONG = [
    (
        "eval_time: 5m\n        alertname: InstanceDown",
        "eval_time: 6m\n        alertname: InstanceDown",
        13,
        "no alert",
    ),
    ("severity: page, job: api", "severity: ticket, job: api", 15, "severity='page'"),
    ("Instance a:1 of eu", "Instance a:2 of eu", 15, "Instance a:1 of eu is down"),
    (
        "value: 1\n      - expr: ALERTS",
        "value: 2\n      - expr: ALERTS",
        24,
        '{__name__="job:requests:rate5m", job="api"} 1.0',
    ),
    ("expr: job:requests:rate5m\n", "expr: job:requests:rate5m[\n", 24, "expr=job:requests:rate5m["),
    ("values: 0+60x10", "values: 0+60y10", 8, "cannot read value"),
    ('rate5m{job="api"}\n', 'rate5m{job="api"} 1\n', 24, "exp_samples: cannot read"),
]


@pytest.mark.parametrize(("right", "wrong", "line", "message"), WRONG)
def test_what_is_not_is_told_with_its_line(right: str, wrong: str, line: int, message: str) -> None:
    """What was expected and what there was."""
    assert right in TESTS
    found: list[Problem] = list(run(TESTS.replace(right, wrong)).problems)
    assert (line, True) in [(one.line, message in one.message) for one in found], found
    assert all(one.message.startswith("test the whole life: ") for one in found)


def test_a_file_that_is_none() -> None:
    """Unknown keys and wrong times are told as those of rules are."""
    found, _, problems = read_unit_tests("t.yml", TESTS.replace("alertname: Inst", "alert_name: Inst", 1))
    assert found is None
    assert any("alert_name: unknown key; expected" in one.message for one in problems)
    _, _, problems = read_unit_tests("t.yml", TESTS.replace("eval_time: 5m", "eval_time: soon"))
    assert "expected a duration" in problems[0].message
