"""A whole plan is linted: what it makes itself is there before the first of it came in."""

from midwatch.contract.plan.load import load
from midwatch.server.plan_lint import lint_plan
from midwatch.server.plan_parts import CHECKS, READERS
from midwatch.server.promql.lint import Sent

PLAN = """runbooks: off
derived_metrics:
  - {name: sms_inbound_total, from: logs, search: "event:sms.inbound"}
  - {name: checkout_seconds, from: spans, search: "name:checkout", type: histogram, value: duration}
"""
RULES = """groups:
  - name: g
    rules:
      - {alert: A, expr: 'sum(increase(log_records_total{level="error"}[5m])) > 5'}
      - {alert: B, expr: 'sum(rate(traces_span_metrics_duration_milliseconds_count[5m])) > 5'}
      - {alert: C, expr: 'sum(increase(sms_inbound_total[5m])) < 1'}
      - {alert: D, expr: 'histogram_quantile(0.9, sum by (le) (rate(checkout_seconds_bucket[5m]))) > 2'}
      - {alert: E, expr: 'sum(increase(sms_outbound_total[5m])) < 1'}
"""


def test_series_of_spans_and_log_records_are_there_before_the_first() -> None:
    texts = {"midwatch.yml": PLAN, "rules/g.yml": RULES}
    loaded = load(texts, READERS, CHECKS)
    assert loaded.plan is not None, loaded.problems
    (found,) = lint_plan(texts, loaded.plan, Sent(names=frozenset({"up"})))
    assert (found.line, "nobody sends sms_outbound_total" in found.message) == (8, True)
