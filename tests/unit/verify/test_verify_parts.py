"""Verify without a store: what counts as coming, as sampled otherwise, as a stop that was passed; runs that fail."""

from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from midwatch.cli.failure import Failure
from midwatch.cli.wire import Sight, _dropping, _fits, entries_of
from midwatch.contract.plan import MAIN_FILE, load
from midwatch.contract.plan.load import EMPTY
from midwatch.contract.plan.sections.wire import Stop
from midwatch.contract.plan.telemetry import Declared
from midwatch.server.model.errors import StoreError, Unavailable
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.source import Scope
from midwatch.server.verify.asked import Asked, Monitored, Rooms
from midwatch.server.verify.checks import monitors
from midwatch.server.verify.checks.sampling import differs
from midwatch.server.verify.coming import Came, judged
from midwatch.server.verify.desk import WAITING_MAX, VerifyDesk
from midwatch.server.verify.observed.log_events import SeenEvent
from midwatch.server.verify.registry import all_checks
from midwatch.server.verify.snippets import event_snippet, quoted
from midwatch.server.verify.words import counted, listed, share

HOUR = 3600 * 10**9
SPAN = TimeRange(1000 * HOUR, 1024 * HOUR)


@pytest.mark.parametrize(
    ("declared", "came", "state", "severity"),
    [
        (Declared(), Came(3, SPAN.start_ns, SPAN.start_ns), "coming", None),
        (Declared(), Came(), "never", "warning"),
        (Declared(), Came(last_ns=SPAN.start_ns - HOUR), "stopped", "warning"),
        (Declared(always=True), Came(), "never", "error"),
        (Declared(always=True), Came(last_ns=SPAN.start_ns - HOUR), "stopped", "error"),
        (Declared(every="2h"), Came(1, SPAN.end_ns - HOUR, SPAN.end_ns - HOUR), "coming", None),
        (Declared(every="2h"), Came(9, SPAN.start_ns, SPAN.end_ns - 3 * HOUR), "stopped", "error"),
        (Declared(every="30h"), Came(last_ns=SPAN.start_ns - HOUR), "coming", None),
    ],
)
def test_what_is_declared_comes_or_does_not(declared: Declared, came: Came, state: str, severity: str | None) -> None:
    """What is to come always or every so often makes an error, anything else a warning; a rare thing may be before."""
    found, finding = judged("event", "a.b", declared, came, SPAN, "")
    assert (found, finding and finding.severity) == (state, severity)
    assert finding is None or finding.kind == f"event_{state}"


@pytest.mark.parametrize(
    ("observed", "wanted", "traces", "other"),
    [
        (0.25, 0.25, 4000, False),
        (0.27, 0.25, 400, False),
        (0.35, 0.25, 4000, True),
        (1.0, 0.25, 40, True),
        (0.5, 1.0, 100, True),
        (1.0, 1.0, 30, False),
        (0.5, 0.0, 100, True),
    ],
)
def test_a_share_is_another_only_beyond_chance(observed: float, wanted: float, traces: float, *, other: bool) -> None:
    """The fewer the traces, the further off a share may be."""
    assert differs(observed, wanted, traces) is other


@pytest.mark.parametrize("text", ["a.b", "yes", "null", "x y", '"', "1", "-", "a: b", "ü", "#", "~", "No", "1e3", ""])
def test_what_is_written_into_a_plan_reads_as_the_same_text(text: str) -> None:
    """Whatever somebody called a key or a service."""
    assert yaml.safe_load(f"x: [{quoted(text)}]") == {"x": [text]}


def test_an_event_is_written_as_a_plan_would_declare_it() -> None:
    """Keys that each line had, with their types; what every line has anyway is left out, and so is what some lacked."""
    keys = {
        "id": {"integer": 2},
        "score": {"integer": 1, "number": 1},
        "at": {"string": 1},
        "correlation_id": {"string": 2},
    }
    seen = SeenEvent("a.b", 2, 0, 1, {"info": 2}, {"api": 2}, keys, {})
    text = event_snippet(seen)
    loaded = load({MAIN_FILE: f"log_events:\n{text}"})
    assert loaded.plan is not None, loaded.problems
    assert yaml.safe_load(text) == {
        "a.b": {"level": "info", "services": ["api"], "keys": {"id": "integer", "score": "number"}}
    }


def test_figures_and_lists_are_short() -> None:
    """What is not nothing is not 0 %, and what is not all is not 100 %."""
    assert [share(0, 9), share(1, 3), share(1, 10**6), share(10**6 - 1, 10**6), share(4, 4)] == [
        "0 %",
        "33.3 %",
        "under 0.01 %",
        "over 99.99 %",
        "100 %",
    ]
    assert listed("abcdefg") == "a, b, c, d, e and 2 more"
    assert [counted(1, "line", "lines"), counted(1200, "line", "lines")] == ["1 line", "1,200 lines"]


async def _nothing() -> Sequence[Any]:
    return []


class Broken:
    """A store that answers no question; counts them."""

    def __init__(self, error: Exception) -> None:
        self.error, self.asked = error, 0

    async def rows(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        self.asked += 1
        raise self.error


def scope(*environments: str) -> Scope:
    return Scope(SPAN, environments)


@pytest.mark.parametrize("error", [StoreError("too long", permanent=False), ValueError("ours")])
async def test_a_check_that_cannot_look_says_so_and_the_others_go_on(error: Exception) -> None:
    """Each has its own words; nothing is raised, and the run ends."""
    store = Broken(error)
    desk = VerifyDesk(lambda: EMPTY, store, Rooms(_nothing, _nothing, _nothing))
    run = await desk.report(scope(), wait_seconds=10)
    assert run.done
    failed = {one.check.name: one.error for one in run.checked if one.error}
    assert {"places", "events", "correlation", "privacy"} <= failed.keys()
    assert all("too long" in text or "bug of Midwatch's" in text for text in failed.values())
    assert len(run.checked) == len(all_checks())
    assert store.asked >= 4
    await desk.close()


async def test_runs_wait_for_their_turn_and_not_for_ever() -> None:
    """So many may wait; one more is told to come back."""

    class Slow(Broken):
        async def rows(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
            import asyncio

            await asyncio.sleep(3600)
            return []

    desk = VerifyDesk(lambda: EMPTY, Slow(ValueError()), Rooms(_nothing, _nothing, _nothing))
    for number in range(WAITING_MAX):
        run = await desk.report(scope(str(number)), wait_seconds=0)
        assert not run.done
    with pytest.raises(Unavailable, match="8 verifications are under way"):
        await desk.report(scope("more"), wait_seconds=0)
    await desk.close()


async def test_a_heartbeat_that_is_missed_has_stopped() -> None:
    """In the environment that is asked about, under any of its names."""
    plan = load({MAIN_FILE: "heartbeats: [{name: beat, every: 1m}]"}).plan
    assert plan is not None

    async def beats() -> Sequence[Monitored]:
        return [
            Monitored("beat", "missed", True, "prod", SPAN.start_ns),
            Monitored("beat", "up", True, "staging", SPAN.end_ns),
        ]

    def asked(environment: str) -> Asked:
        rooms = Rooms(_nothing, _nothing, beats)
        return Asked(plan, scope(), environment, {"prod": "production"}, Broken(ValueError()), rooms)

    (finding,) = (await monitors.run(asked("production"))).findings
    assert (finding.kind, finding.since_ns) == ("heartbeat_stopped", SPAN.start_ns)
    assert (await monitors.run(asked("staging"))).findings == []


LINE = Sight("back", 1.0, frozenset({"trace"}), event="a.b", body="said")
SPAN_SEEN = Sight("back", 1.0, frozenset({"trace"}), span="POST /orders/[id]")


@pytest.mark.parametrize(
    ("stop", "sight", "fits"),
    [
        (Stop(service="back"), LINE, True),
        (Stop(service="front"), LINE, False),
        (Stop(event="a.b"), LINE, True),
        (Stop(event="said", service="back"), LINE, True),
        (Stop(event="a.c"), LINE, False),
        (Stop(event="a.b"), SPAN_SEEN, False),
        (Stop(span="POST /orders/*"), SPAN_SEEN, True),
        (Stop(span="POST /orders/[id]"), SPAN_SEEN, True),
        (Stop(span="GET *"), SPAN_SEEN, False),
        (Stop(span="*"), LINE, False),
    ],
)
def test_a_stop_is_passed_by_what_it_names(stop: Stop, sight: Sight, *, fits: bool) -> None:
    """Brackets in a name are themselves, a star is anything."""
    assert _fits(stop, sight) is fits


def test_who_drops_the_correlation_id_is_told_by_lines() -> None:
    """A service that has the trace on its lines, and the other id on none."""
    having = Sight("front", 1.0, frozenset({"trace", "correlation"}), body="x")
    assert _dropping([having, LINE, SPAN_SEEN]) == ["back"]


def test_where_an_entry_goes_must_be_clear() -> None:
    """One of several environments is named; an entry that has none of that name is left out."""
    written = [
        {"name": "a", "urls": {"x": "http://h", "y": "http://h"}, "trail": [{"service": "s"}], "within": "5s"},
        {"name": "b", "urls": {"x": "http://h"}, "trail": [{"service": "s"}]},
    ]
    with pytest.raises(Failure, match="a goes to x, y: say which with --env"):
        entries_of(written, None, ())
    assert [entry.name for entry, _ in entries_of(written, "y", ())] == ["a"]
    assert [(entry.name, place, entry.within) for entry, place in entries_of(written, "x", ("b",))] == [
        ("b", "x", 30.0)
    ]
    with pytest.raises(Failure, match="has no wire entries"):
        entries_of([], None, ())
