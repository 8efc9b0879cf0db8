"""promtool and `midwatch test-rules` say the same of the same unit tests."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.prometheus import promtool

from midwatch.cli.main import midwatch
from midwatch.server.rules.files import read_rules

RULES = """groups:
  - name: recorded
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
  - name: alerts
    rules:
      - alert: InstanceDown
        expr: up == 0
        for: 5m
        keep_firing_for: 2m
        labels: {severity: page}
        annotations:
          summary: "{{ $labels.instance }} of {{ $externalLabels.region }} is down: {{ $value | humanize }}"
      - alert: Slow
        expr: histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m]))) > 0.5
      - alert: FewRequests
        expr: job:requests:rate5m < 0.5
        labels: {job_of: "{{ $labels.job }}"}
"""
TESTS = """rule_files: [rules.yml]
evaluation_interval: 1m
group_eval_order: [recorded, alerts]
tests:
  - interval: 1m
    external_labels: {{region: eu}}
    input_series:
      - {{series: 'up{{job="api", instance="a:1"}}', values: '1 0x6 1x9'}}
      - {{series: 'http_requests_total{{job="api"}}', values: '0+60x5 300+6x20'}}
      - {{series: 'latency_bucket{{le="0.1"}}', values: '0+1x20'}}
      - {{series: 'latency_bucket{{le="1"}}', values: '0+10x20'}}
      - {{series: 'latency_bucket{{le="+Inf"}}', values: '0+10x20'}}
    alert_rule_test:
{alerts}
    promql_expr_test:
{exprs}
"""
DOWN = """      - eval_time: {at}
        alertname: InstanceDown
        exp_alerts: [{alert}]
"""
ALERT = '{exp_labels: {severity: page, job: api, instance: "a:1"}, exp_annotations: {summary: "a:1 of eu is down: 0"}}'
EXPR = """      - expr: '{expr}'
        eval_time: {at}
        exp_samples: [{samples}]
"""
ONE = EXPR.format(expr="job:requests:rate5m", at="5m", samples="{labels: 'job:requests:rate5m{job=\"api\"}', value: 1}")
CASES = {
    "pending": (DOWN.format(at="5m", alert=""), ONE),
    "firing": (DOWN.format(at="6m", alert=ALERT), ONE),
    "fired a minute too late": (DOWN.format(at="5m", alert=ALERT), ONE),
    "kept firing": (DOWN.format(at="8m", alert=ALERT), ONE),
    "resolved": (DOWN.format(at="10m", alert=""), ONE),
    "between evaluations": (DOWN.format(at="6m30s", alert=ALERT), ONE),
    "another label": (DOWN.format(at="6m", alert=ALERT.replace("page", "ticket")), ONE),
    "another text": (DOWN.format(at="6m", alert=ALERT.replace("down: 0", "down: 1")), ONE),
    "two alerts": (DOWN.format(at="6m", alert=f"{ALERT}, {ALERT}"), ONE),
    "another value": (DOWN.format(at="5m", alert=""), ONE.replace("value: 1", "value: 1.1")),
    "no sample": (DOWN.format(at="5m", alert=""), EXPR.format(expr="nothing", at="5m", samples="")),
    "a scalar": (DOWN.format(at="5m", alert=""), EXPR.format(expr="time()", at="5m", samples="{value: 300}")),
    "the alerts themselves": (
        DOWN.format(at="5m", alert=""),
        EXPR.format(expr="count(ALERTS)", at="3m", samples="{labels: '{}', value: 2}"),
    ),
    "of a recorded series": (
        "      - {eval_time: 15m, alertname: FewRequests, exp_alerts: [{exp_labels: {job: api, job_of: api}}]}\n",
        ONE,
    ),
    "of a histogram": ("      - {eval_time: 8m, alertname: Slow, exp_alerts: [{exp_labels: {}}]}\n", ONE),
}


@pytest.mark.parametrize("name", CASES)
def test_both_say_the_same(name: str, tmp_path: Path) -> None:
    """Met or not met, by either's status; ours says what was there where it is not met."""
    alerts, exprs = CASES[name]
    (tmp_path / "rules.yml").write_text(RULES)
    tests = tmp_path / "tests.yml"
    tests.write_text(TESTS.format(alerts=alerts, exprs=exprs))
    theirs = subprocess.run([promtool(), "test", "rules", str(tests)], capture_output=True, text=True, check=False)
    ours = CliRunner().invoke(midwatch, ["test-rules", str(tests)])
    assert (ours.exit_code == 0) is (theirs.returncode == 0), (ours.output, theirs.stdout, theirs.stderr)
    assert ours.exit_code == 0 or "expected" in ours.output


def test_the_table_has_both_outcomes(tmp_path: Path) -> None:
    """So that neither of the two says the same of everything."""
    (tmp_path / "rules.yml").write_text(RULES)
    outcomes = set()
    for alerts, exprs in CASES.values():
        tests = tmp_path / "tests.yml"
        tests.write_text(TESTS.format(alerts=alerts, exprs=exprs))
        outcomes.add(CliRunner().invoke(midwatch, ["test-rules", str(tests)]).exit_code)
    assert outcomes == {0, 1}


WRONG_RULES = [
    RULES.replace("expr: up == 0", "expr: up =="),
    RULES.replace("for: 5m", "for: soon"),
    RULES.replace("alert: Slow", "record: slow{bad}"),
    RULES.replace("name: alerts", "name: recorded"),
    RULES.replace("{{ $value | humanize }}", "{{ $value | humanise }}"),
    RULES.replace("keep_firing_for", "keepfiring_for"),
    RULES,
]


@pytest.mark.parametrize("rules", WRONG_RULES)
def test_both_refuse_the_same_rule_files(rules: str, tmp_path: Path) -> None:
    """`promtool check rules` and our reader."""
    path = tmp_path / "rules.yml"
    path.write_text(rules)
    theirs = subprocess.run([promtool(), "check", "rules", str(path)], capture_output=True, text=True, check=False)
    ours = read_rules("rules.yml", rules)
    assert (ours.rules is None) is (theirs.returncode != 0), (ours.problems, theirs.stdout, theirs.stderr)
