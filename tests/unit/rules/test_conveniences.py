"""Conveniences: the PromQL that each of them is, and what it comes to."""

import re

import pytest

from midwatch.server.promql import Engine, Vector
from midwatch.server.rules.files import read_rules

from .fake_series import Courses

WEEK_MS = 604_800_000
NOW_MS = 1_700_000_000_000 // 15_000 * 15_000


def compiled(text: str) -> str:
    read = read_rules("a.yml", f"groups: [{{name: g, rules: [{{alert: A, {text}}}]}}]\n")
    assert read.rules is not None, read.problems
    (rule,) = read.rules.groups[0].rules
    assert rule.written == text.partition(":")[0]
    return rule.query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("threshold: {of: queue_length, above: 100}", "queue_length > 100"),
        ("threshold: {of: a + b, below: 1}", "(a + b) < 1"),
        ("threshold: {of: x, above: 9, below: 1}", "(x > 9) or (x < 1)"),
        ("absent: {of: 'up{job=\"api\"}'}", 'absent_over_time(up{job="api"}[5m])'),
        (
            "absent: {of: beats_total, over: 10m, by: [job], within: 1w}",
            "count by (job) (present_over_time(beats_total[1w])) unless "
            "count by (job) (present_over_time(beats_total[10m]))",
        ),
        (
            "change: {of: 'sum by (job) (rate(orders_total[1h]))', down: 50%}",
            "sum by (job) (rate(orders_total[1h])) / sum by (job) (rate(orders_total[1h] offset 1w)) < 0.5",
        ),
        ("change: {of: x, against: 1d, up: 20%, down: 0.2}", "(x / x offset 1d > 1.2) or (x / x offset 1d < 0.8)"),
        ("ratio: {of: 'sum(a)', to: 'sum(b)', above: 5%}", "sum(a) / sum(b) > 0.05"),
        ("ratio: {of: a, to: b, below: 10%, at_least: 20}", "a / b < 0.1 and b >= 20"),
        (
            "baseline: {of: 'sum(rate(a[5m]))', above: 3, weeks: 2}",
            "sum(rate(a[5m])) > 3 * quantile without (week) (0.5, "
            'label_replace(sum(rate(a[5m] offset 1w)), "week", "1", "", "") or '
            'label_replace(sum(rate(a[5m] offset 2w)), "week", "2", "", ""))',
        ),
        (
            "anomaly: {of: 'sum by (job) (rate(a[5m]))', direction: above}",
            'sum by (job) (rate(a[5m])) > ignoring (anomaly_band) midwatch_anomaly_upper{anomaly_band="BAND"}',
        ),
        (
            "anomaly: {of: a + b, zone: Europe/Berlin}",
            '((a + b) > ignoring (anomaly_band) midwatch_anomaly_upper{anomaly_band="BAND"}) or '
            '((a + b) < ignoring (anomaly_band) midwatch_anomaly_lower{anomaly_band="BAND"})',
        ),
        (
            "burn_rate: {of: 'r{code=~\"5..\"}', to: r, objective: 99.9%, by: [job]}",
            '(sum by (job) (rate(r{code=~"5.."}[1h])) / sum by (job) (rate(r[1h])) > 14.4 * 0.001) and '
            '(sum by (job) (rate(r{code=~"5.."}[5m])) / sum by (job) (rate(r[5m])) > 14.4 * 0.001)',
        ),
    ],
)
def test_each_is_the_promql_that_a_person_would_write(text: str, query: str) -> None:
    """And so it is shown, with the name of what it was written as."""
    assert re.sub(r'(?<=anomaly_band=")[0-9a-f]{16}(?=")', "BAND", compiled(text)) == query


def _found(query: str, source: Courses) -> list[float]:
    value = Engine().instant(source, query, NOW_MS).value
    assert isinstance(value, Vector)
    return [one.value for one in value.samples if isinstance(one.value, float)]


def test_a_baseline_is_the_median_of_the_weeks_before() -> None:
    """10, 10, 12 and one week of 500: four times as much as usual is found, twice is not."""
    weeks = {0: 45.0, 1: 10.0, 2: 500.0, 3: 12.0, 4: 10.0}
    source = Courses()
    source.put("orders", lambda at: weeks.get(round((NOW_MS - at) / WEEK_MS)), job="shop")
    query = compiled("baseline: {of: orders, above: 4}")
    assert _found(query, source) == [45.0]
    weeks[0] = 22.0
    assert _found(query, source) == []


def test_absence_by_labels_names_what_is_gone() -> None:
    """Each label set that was there within a day; those that are still there do not count."""
    source = Courses()
    source.put("beats", lambda at: 1.0 if at < NOW_MS - 3_600_000 else None, job="gone")
    source.put("beats", lambda at: 1.0, job="there")
    value = Engine().instant(source, compiled("absent: {of: beats, over: 10m, by: [job]}"), NOW_MS).value
    assert isinstance(value, Vector)
    assert [one.labels for one in value.samples] == [(("job", "gone"),)]
