"""Searches read what the indexes leave of a table, and find the same as without them."""

import pytest

from midwatch.server.model.signal import SegmentKind
from midwatch.server.query.search.fields import LOGS, SPANS, Schema
from midwatch.server.query.search.language import compile_search
from tests.integration.store.bodies import logs, record, span, traces
from tests.integration.store.conftest import Feed

pytestmark = pytest.mark.thorough

ROWS = 40_000
"""Five granules."""


@pytest.mark.parametrize(
    ("schema", "search", "index"),
    [
        (LOGS, "needle", "body_tokens"),
        (LOGS, '"a needle in"', "body_tokens"),
        (LOGS, "user.id:user-777", "<Combined skip indexes>"),
        (LOGS, "resource.host.name:elsewhere", "resource_values"),
        (LOGS, "trace_id:" + "cd" * 16, "trace_id"),
        (SPANS, "user.id:user-777", "<Combined skip indexes>"),
        (SPANS, "duration:>5s", "duration"),
    ],
)
async def test_a_search_is_answered_by_an_index(feed: Feed, schema: Schema, search: str, index: str) -> None:
    """One item in forty thousand is found, and at least four granules in five are never read."""
    common = {"attributes": {"user.id": "user-1"}}
    haystack = [record(body=f"line number {number}", **common) for number in range(ROWS - 1)]
    odd = record(body="A NEEDLE in hay", trace_id=b"\xcd" * 16, attributes={"user.id": "user-777"})
    if schema is LOGS:
        await feed.send(SegmentKind.OTLP_LOGS, logs(*haystack[:-1]), logs(odd, resource={"host.name": "elsewhere"}))
    else:
        slow = span(attributes={"user.id": "user-777"}, end_time_unix_nano=2**62)
        await feed.send(SegmentKind.OTLP_TRACES, traces(*[span(**common) for _ in range(ROWS)]), traces(slow))
    condition = compile_search(search, schema)
    (row,) = await feed.store.rows(f"SELECT count() AS n FROM {schema.table} WHERE {condition.sql}", condition.params)
    assert row["n"] == 1
    plan = await feed.store.rows(
        f"EXPLAIN indexes = 1 SELECT * FROM {schema.table} WHERE {condition.sql}", condition.params
    )
    lines = [next(iter(line.values())).strip() for line in plan]
    used = lines.index(f"Name: {index}")
    granules = next(line for line in lines[used:] if line.startswith("Granules:"))
    read, _, of = granules.removeprefix("Granules: ").partition("/")
    assert int(read) <= 1 < int(of), granules


async def test_words_are_found_whatever_their_case(feed: Feed) -> None:
    """The text index lowers what it keeps; alone, negated and beside other conditions."""
    await feed.send(SegmentKind.OTLP_LOGS, logs(record(body="Request FAILED badly"), record(body="all is well")))
    for search, found in (
        ("failed", 1),
        ("FAILED", 1),
        ("NOT failed", 1),
        ("failed OR well", 2),
        ("failed OR service:nobody", 1),
        ("NOT (failed OR service:nobody)", 1),
        ('"request failed"', 1),
        ('"failed request"', 0),
    ):
        condition = compile_search(search, LOGS)
        (row,) = await feed.store.rows(f"SELECT count() AS n FROM logs WHERE {condition.sql}", condition.params)
        assert row["n"] == found, search
