"""Queries that are PromQL and cannot mean what was meant are told, each with what was probably meant."""

import pytest

from midwatch.server.promql import parse
from midwatch.server.promql.lint import NOTHING_KNOWN, Sent, lint
from midwatch.server.promql.syntax import ParserOptions

SENT = Sent(
    kinds={
        "jobs_by_status": "gauge",
        "http_requests_total": "counter",
        "http_request_duration_seconds": "histogram",
        "native_seconds": "histogram",
        "queue_depth": "gauge",
    },
    names=frozenset(
        {
            "jobs_by_status",
            "http_requests_total",
            "http_request_duration_seconds_bucket",
            "native_seconds",
            "queue_depth",
            "a_total",
            "b_total",
        }
    ),
    native=frozenset({"native_seconds"}),
)

WRONG = [
    ("rate(jobs_by_status[1h]) > 0.1", "rate_of_gauge", "deriv(jobs_by_status[1h]) > 0.1"),
    ("sum(increase(queue_depth[5m])) > 3", "rate_of_gauge", "sum(delta(queue_depth[5m])) > 3"),
    (
        "histogram_quantile(0.95, http_request_duration_seconds) > 5",
        "quantile_of_no_buckets",
        "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 5",
    ),
    (
        'histogram_quantile(0.95, rate(http_request_duration_seconds{job="a"}[2m])) > 5',
        "quantile_of_no_buckets",
        'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{job="a"}[2m]))) > 5',
    ),
    (
        "histogram_quantile(0.9, sum by (le) (http_request_duration_seconds_bucket)) > 5",
        "quantile_of_no_buckets",
        "histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 5",
    ),
    (
        "histogram_quantile(0.9, native_seconds) > 5",
        "quantile_of_no_buckets",
        "histogram_quantile(0.9, rate(native_seconds[5m])) > 5",
    ),
    (
        "histogram_quantile(0.9, sum by (job) (rate(http_request_duration_seconds_bucket[5m]))) > 5",
        "le_dropped",
        "histogram_quantile(0.9, sum by (job, le) (rate(http_request_duration_seconds_bucket[5m]))) > 5",
    ),
    (
        "histogram_quantile(0.9, sum without (le, pod) (rate(http_request_duration_seconds_bucket[5m]))) > 5",
        "le_dropped",
        "histogram_quantile(0.9, sum without (pod) (rate(http_request_duration_seconds_bucket[5m]))) > 5",
    ),
    (
        'rate(http_requests_total{status=~"5.."}[5m]) / rate(http_requests_total[5m]) > 0.05',
        "ratio_of_itself",
        'sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05',
    ),
    (
        "sum by (job) (rate(a_total[5m])) / sum(rate(b_total[5m])) > 1",
        "never_matching",
        "sum by (job) (rate(a_total[5m])) / on () group_left () sum(rate(b_total[5m])) > 1",
    ),
    (
        "sum by (job) (rate(a_total[5m])) / sum by (env) (rate(b_total[5m])) > 1",
        "never_matching",
        "sum by (job) (rate(a_total[5m])) / on () sum by (env) (rate(b_total[5m])) > 1",
    ),
    ("rate(sum(a_total)[5m:]) > 1", "rate_of_sum", "sum(rate(a_total[5m])) > 1"),
    ("http_requests_total > 100", "raw_counter", "increase(http_requests_total[5m]) > 100"),
    ("sum(a_total) > 100", "raw_counter", "sum(increase(a_total[5m])) > 100"),
    ("http_request_total > 0 and queue_depth > 1", "nobody_sends", "http_requests_total > 0 and queue_depth > 1"),
    ("queue_depth", "no_condition", None),
    ("queue_depth > bool 3", "no_condition", None),
    ("queue_depth > 3 or queue_depth", "no_condition", None),
]


@pytest.mark.parametrize(("query", "check", "mended"), WRONG)
def test_a_mistake_is_told_with_what_was_meant(query: str, check: str, mended: str | None) -> None:
    """The finding has the name of its check, lies in the query, and its mended text is a query without it."""
    found = next(one for one in lint(query, parse(query), SENT, alert=True) if one.check == check)
    assert found.mended == mended
    assert 0 <= found.span.start < found.span.end <= len(query)
    if mended is not None:
        again = {one.check for one in lint(mended, parse(mended), SENT, alert=True)}
        assert check not in again


RIGHT = [
    'rate(http_requests_total{status=~"5.."}[5m]) > 0.1',
    "queue_depth > 100",
    "absent(queue_depth)",
    "changes(queue_depth[1h]) > 3",
    "deriv(jobs_by_status[1h]) > 0.1",
    "histogram_quantile(0.95, sum by (le, job) (rate(http_request_duration_seconds_bucket[5m]))) > 5",
    "histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 5",
    "histogram_quantile(0.95, rate(native_seconds[5m])) > 5",
    "sum by (job) (rate(a_total[5m])) / sum by (job) (rate(b_total[5m])) > 0.5",
    "sum by (job) (rate(a_total[5m])) / on () group_left () sum(rate(b_total[5m])) > 0.5",
    "rate(a_total[5m]) / rate(b_total[5m]) > 0.5",
    "count(queue_depth == 0) > 3",
    "(queue_depth > 3) and on (job) queue_depth < 5",
    "queue_depth unless jobs_by_status",
    'ALERTS{alertstate="firing"}',
    "sum(rate(a_total[5m])) > 2 * sum(rate(a_total[5m] offset 1w))",
    "up == 0",
]


@pytest.mark.parametrize("query", RIGHT)
def test_what_is_right_is_left_alone(query: str) -> None:
    assert lint(query, parse(query, ParserOptions.everything()), SENT, alert=True) == []


def test_without_knowing_what_is_sent_only_names_speak() -> None:
    """A name that is no counter's is a warning, a known gauge an error; nothing is said to be missing."""
    query = "rate(jobs_by_status[1h]) > 0.1"
    assert [(one.check, one.severity) for one in lint(query, parse(query), NOTHING_KNOWN)] == [
        ("rate_of_gauge", "warning")
    ]
    assert [one.severity for one in lint(query, parse(query), SENT)] == ["error"]
    assert lint("never_seen > 1", parse("never_seen > 1"), NOTHING_KNOWN, alert=True) == []
