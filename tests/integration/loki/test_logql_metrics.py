"""LogQL's metric queries over stored lines, each against numbers worked out by hand or by a plain loop."""

import math
from itertools import pairwise
from typing import Any

import pytest
from tests.integration.loki.conftest import Ask, Push

SECOND = 10**9
START = 1_700_000_000
"""Seconds; the lines below lie 10 s apart from here on."""
TOOK = (100, 200, 300, 400, 50, 150, 250, 350)


@pytest.fixture(scope="module")
def job(push: Push) -> str:
    def lines(path: str, level: str) -> list[tuple[int, str, dict[str, str]]]:
        made = []
        for n, took in enumerate(TOOK):
            line = f"level={level} path={path} took={took}ms size={n}KB n={n}"
            made.append(((START + 10 * n) * SECOND, line, {"id": f"{path}{n}"}))
        return made

    name = push(*lines("/a", "info"), zone="one", level="info")
    push(*lines("/b", "error")[:4], job=name, zone="two", level="error")
    push(((START + 5) * SECOND, "no number here took=much", {}), job=name, zone="three", level="debug")
    return name


def values_of(result: list[dict[str, Any]], *names: str) -> dict[tuple[str, ...], list[list[Any]]]:
    """A matrix by the values of some labels."""
    return {tuple(one["metric"].get(name, "") for name in names): one["values"] for one in result}


def at(ask: Ask, query: str, second: int) -> dict[tuple[str, ...], float]:
    """A vector at a time, by the values of all labels, sorted by name."""
    data = ask("query", query=query, time=f"{START + second}")
    assert data["resultType"] == "vector"
    return {tuple(v for _, v in sorted(one["metric"].items())): float(one["value"][1]) for one in data["result"]}


ZONES = '{job="%s", zone=~"one|two"}'


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"sum by (zone) (count_over_time({ZONES}[35s]))", {("one",): 4, ("two",): 4}),
        (f"sum(count_over_time({ZONES}[30s]))", {(): 6}),
        (f"sum by (zone) (rate({ZONES}[40s]))", {("one",): 0.1, ("two",): 0.1}),
        (f'sum(bytes_over_time({ZONES} | zone="two" [30s]))', {(): 3 * 43}),
        (f"sum by (zone) (sum_over_time({ZONES} | logfmt | unwrap n [40s]))", {("one",): 6, ("two",): 6}),
        (f"avg_over_time({ZONES} | logfmt | unwrap duration(took) [40s]) by (zone)", {("one",): 0.25, ("two",): 0.25}),
        (f"max_over_time({ZONES} | logfmt | unwrap bytes(size) [40s]) by (path)", {("/a",): 3000, ("/b",): 3000}),
        (f"min_over_time({ZONES} | logfmt | unwrap duration(took) [20s]) by ()", {(): 0.3}),
        (f"first_over_time({ZONES} | logfmt | unwrap n [25s]) by (zone)", {("one",): 1, ("two",): 1}),
        (f"last_over_time({ZONES} | logfmt | unwrap n [25s]) by (zone)", {("one",): 3, ("two",): 3}),
        (f"quantile_over_time(0.5, {ZONES} | logfmt | unwrap n [40s]) by (zone)", {("one",): 1.5, ("two",): 1.5}),
        (f"stddev_over_time({ZONES} | logfmt | unwrap n [40s]) by ()", {(): math.sqrt(1.25)}),
        (f"sum by (zone) (rate({ZONES} | logfmt | unwrap n [40s]))", {("one",): 0.15, ("two",): 0.15}),
        (f"rate_counter({ZONES} | logfmt | unwrap n [40s]) by (zone)", {("one",): 3 / 40, ("two",): 3 / 40}),
        (f"rate_counter({ZONES} | logfmt | unwrap duration(took) [5s]) by (zone)", {("one",): 0, ("two",): 0}),
        (f"topk(1, sum by (zone) (count_over_time({ZONES} | logfmt | n > 2 or zone = `two` [40s])))", {("two",): 4}),
        (f"bottomk(1, sum by (zone) (count_over_time({ZONES} | logfmt | n > 2 or zone = `two` [40s])))", {("one",): 1}),
        (f"count(count_over_time({ZONES}[40s]))", {(): 2}),
        (f"max(count_over_time({ZONES}[40s])) * 2 + 1", {(): 9}),
        (f"sum(count_over_time({ZONES}[40s])) > 9", {}),
        (f"sum(count_over_time({ZONES}[40s])) > bool 9", {(): 0}),
        (f'sum by (zone) (count_over_time({ZONES}[40s])) / on() group_left sum(count_over_time({ZONES}[40s]))',
         {("one",): 0.5, ("two",): 0.5}),
        ('sum(count_over_time({job="%s"} |= "nothing" [1m])) or vector(7)', {(): 7}),
        ('absent_over_time({job="%s", zone="four"}[1m])', {("JOB", "four"): 1}),
        ('label_replace(sum by (zone) (count_over_time({job="%s", zone="one"}[40s])), "z", "$1!", "zone", "(.).*")',
         {("o!", "one"): 4}),
        (f"sum by (zone) (count_over_time({ZONES}[40s] offset 30s))", {("one",): 1, ("two",): 1}),
        (f"count_over_time({ZONES} | drop id [40s]) unless on(zone) count_over_time({{job=\"%s\", zone=\"one\"}}[40s])",
         {("JOB", "error", "JOB", "two"): 4}),
    ],
)  # fmt: skip
def test_at_a_time(ask: Ask, job: str, query: str, expected: dict[tuple[str, ...], float]) -> None:
    """Thirty seconds on there are four lines in each zone, at 0, 10, 20 and 30 s; windows are open at their far end."""
    found = at(ask, query.replace("%s", job), 30)
    wanted = {tuple(job if one == "JOB" else one for one in labels): value for labels, value in expected.items()}
    assert found == pytest.approx(wanted)


@pytest.mark.parametrize(("range_seconds", "step"), [(10, 10), (30, 10), (25, 10), (10, 30), (7, 3), (45, 20)])
def test_windows_by_step(ask: Ask, job: str, range_seconds: int, step: int) -> None:
    """At each step the lines of (time - range, time], however range and step divide each other."""
    query = f'sum by (zone) (count_over_time({{job="{job}", zone="one"}}[{range_seconds}s]))'
    params = {"start": START - 5, "end": START + 90, "step": f"{step}s"}
    data = ask("query_range", query=query, **params)
    assert data["resultType"] == "matrix"
    expected = []
    for time in range(START - 5, START + 91, step):
        count = sum(1 for n in range(len(TOOK)) if time - range_seconds < START + 10 * n <= time)
        expected += [[time, str(count)]] if count else []
    assert values_of(data["result"], "zone") == {("one",): expected}


def test_quantiles_of_windows_that_overlap(ask: Ask, job: str) -> None:
    """Quantiles are those of all values of a window, not of parts of it."""
    query = f'quantile_over_time(0.75, {{job="{job}", zone="one"}} | logfmt | unwrap duration(took) [40s]) by (zone)'
    result = ask("query_range", query=query, start=START + 30, end=START + 70, step=10)["result"]
    found = [float(value) for _, value in result[0]["values"]]
    expected = []
    for last in range(3, 8):
        window = sorted(TOOK[last - 3 : last + 1])
        expected.append((window[2] + (window[3] - window[2]) * 0.25) / 1000)
    assert found == pytest.approx(expected)


def test_a_counter_that_began_anew(ask: Ask, job: str) -> None:
    """Each window has what the counter grew by: the values are 100 200 300 400, then from 0 on 50 150 250 350."""
    query = f'rate_counter({{job="{job}", zone="one"}} | logfmt | unwrap duration(took) [40s]) by (zone)'
    result = ask("query_range", query=query, start=START + 30, end=START + 70, step=10)["result"]
    grown = [sum(b - a if b >= a else b for a, b in pairwise(TOOK[last - 3 : last + 1])) for last in range(3, 8)]
    assert [float(value) for _, value in result[0]["values"]] == pytest.approx([one / 1000 / 40 for one in grown])


def test_series_have_their_stream_s_and_parsed_labels(ask: Ask, job: str) -> None:
    """Without an aggregation a series is a stream and what a parser found; metadata only where it is named."""
    data = ask("query", query=f'count_over_time({{job="{job}", zone="two"}}[1m])', time=START + 60)["result"]
    stream = {"job": job, "service_name": job, "zone": "two", "level": "error"}
    assert [one["metric"] for one in data] == [stream]
    query = f'count_over_time({{job="{job}", zone="two"}} | logfmt | drop took, size, n, level_extracted [1m])'
    assert [one["metric"] for one in ask("query", query=query, time=START + 60)["result"]] == [stream | {"path": "/b"}]
    query = f'sum by (id) (count_over_time({{job="{job}", zone="two"}}[11s]))'
    assert [one["metric"] for one in ask("query", query=query, time=START + 1)["result"]] == [{"id": "/b0"}]


def test_lines_that_cannot_be_read(server: Any, ask: Ask, job: str) -> None:
    """A number over lines that have errors is refused, as in Loki; a filter of __error__ leaves them out."""
    lines = f'{{job="{job}"}} | logfmt | unwrap duration(took)'
    with server.api() as api:
        params = {"query": f"sum(sum_over_time({lines} [1m]))", "time": START + 60}
        refused = api.get("/loki/api/v1/query", params=params)
    assert refused.status_code == 400
    assert "SampleExtractionErr" in refused.text
    expected = (sum(TOOK[1:7]) + sum(TOOK[1:4])) / 1000
    assert at(ask, f"sum(sum_over_time({lines} | __error__=`` [1m]))", 60) == {(): pytest.approx(expected)}
