"""From attempts to states on a timeline: confirmation, flapping, faults of our own, and what locations agree on."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from midwatch.contract.plan.probes.targets import HttpTarget, TcpTarget
from midwatch.contract.plan.sections.probes import Probe
from midwatch.server.model.clock import VirtualClock
from midwatch.server.monitors.probes.agreement import Word, agreed
from midwatch.server.monitors.probes.attempt import Reason, Result
from midwatch.server.monitors.probes.judgement import SECOND, Standing, State, Verdict, judged, next_seconds
from midwatch.server.monitors.probes.prober import Prober, Report
from midwatch.server.monitors.probes.surroundings import LoopLag, Surroundings
from midwatch.server.monitors.probes.told import endings, samples_of, state_samples
from midwatch.server.monitors.probes.written import report_json, result_of, standing_of
from midwatch.server.outgoing.reach import Guard, Reach

PROBE = Probe.model_validate(
    {"name": "shop", "http": HttpTarget(url="https://shop.example/health?token=x"), "interval": "30s", "retries": 2}
)
SIGNS = {"+": Verdict.GOOD, "-": Verdict.BAD, "?": Verdict.BLIND}


def result(verdict: Verdict, at_ns: int) -> Result:
    reason = {Verdict.GOOD: None, Verdict.BAD: Reason.STATUS, Verdict.BLIND: Reason.NO_ROUTE}[verdict]
    return Result(at_ns, 0.1, reason, "" if reason is None else f"{reason} of {at_ns}")


def line(signs: str, probe: Probe = PROBE, before: Standing | None = None) -> Iterator[Standing]:
    """Attempts one interval apart, or as soon as a retry is due."""
    standing, now = before or Standing(), 1_000_000 * SECOND
    for sign in signs:
        standing = judged(standing, SIGNS[sign], result(SIGNS[sign], now), probe)
        yield standing
        now += int((next_seconds(standing, probe) or probe.interval) * SECOND)


def states(signs: str, probe: Probe = PROBE) -> str:
    return "".join({"new": "n", "up": "u", "down": "d", "unknown": "?"}[one.state] for one in line(signs, probe))


TIMELINES = [
    ("+", "u"),
    ("+--+", "uuuu"),
    ("+---", "uuud"),
    ("---+", "nndu"),
    ("+---+", "uuudu"),
    ("+--+--+---", "uuuuuuuuud"),
    ("+???", "uuu?"),
    ("+??+", "uuuu"),
    ("+???+", "uuu?u"),
    ("+---???", "uuudddd"),
    ("+???---", "uuu?ddd"),
    ("+-?-", "uuud"),
    ("+--?-", "uuu?d"),
]


@pytest.mark.parametrize(("signs", "expected"), TIMELINES)
def test_a_failure_counts_once_every_retry_confirmed_it(signs: str, expected: str) -> None:
    """Two retries: the third failure in a row is down, or unknown where ours; down stays down until seen up."""
    assert states(signs) == expected


def test_without_retries_the_first_failure_counts() -> None:
    """`retries: 0` is down at once."""
    assert states("+-+", PROBE.model_copy(update={"retries": 0})) == "udu"


def test_retries_come_soon_and_down_is_asked_at_the_interval() -> None:
    """What is not confirmed is tried again after `retry_after`; the rest at the interval."""
    assert [next_seconds(one, PROBE) for one in line("+---+")] == [None, 5.0, 5.0, None, None]


def test_since_and_why_are_those_of_the_change() -> None:
    """`since` is when it was confirmed; the reason is the newest failure's, and gone when it is up."""
    up, first, second, down, still, again = line("+----+")
    assert (first.state, first.since_ns) == (State.UP, up.since_ns)
    assert second.since_ns == up.since_ns
    assert down.since_ns == (1_000_000 + 30 + 5 + 5) * SECOND
    assert (still.since_ns, still.reason) == (down.since_ns, "status")
    assert (again.reason, again.detail) == ("", "")


def test_what_flaps_must_be_up_for_longer() -> None:
    """After four changes in half an hour it takes five successes; when it is calm again, one."""
    probe = PROBE.model_copy(update={"retries": 0})
    *_, flapping = line("+-+-+-", probe)
    assert (flapping.state, flapping.flapping) == (State.DOWN, True)
    held = list(line("+-+-+-+++++", probe))
    assert "".join("du"[one.state is State.UP] for one in held[6:]) == "ddddu"
    calm = list(line("+-+-+-" + "+" * 80 + "-+", probe))
    assert not calm[-3].flapping
    assert (calm[-2].state, calm[-1].state) == (State.DOWN, State.UP)


def word(state: State, at_ns: int = 0, detail: str = "why") -> Word:
    return Word(Standing(state, reason="status", detail=detail), at_ns)


U, D, X = State.UP, State.DOWN, State.UNKNOWN
AGREEMENTS: list[tuple[str, int | None, State]] = [
    ("D", None, D),
    ("U", None, U),
    ("X", None, X),
    ("", None, State.NEW),
    ("DU", None, U),
    ("DD", None, D),
    ("DDU", None, D),
    ("DUU", None, U),
    ("DUU", 1, D),
    ("DDU", 3, U),
    ("DX", None, D),
    ("DX", 2, D),
    ("UX", 2, U),
    ("DDX", 3, D),
    ("XX", None, X),
]


@pytest.mark.parametrize(("places", "quorum", "expected"), AGREEMENTS)
def test_locations_agree(places: str, quorum: int | None, expected: State) -> None:
    """More than half of those that know, or the quorum; who is blind does not count, and lowers what can be asked."""
    of = {"U": U, "D": D, "X": X}
    words = {f"place-{index}": word(of[one]) for index, one in enumerate(places)}
    assert agreed(words, PROBE, quorum, 0).state is expected
    if quorum is not None:
        assert agreed(words, PROBE.model_copy(update={"quorum": quorum}), 1, 0).state is expected


def test_a_silent_location_does_not_count() -> None:
    """What was told too long ago is no word; with none left nothing is known."""
    late = int((30 + 10 + 5 + 30) * SECOND)
    words = {"here": word(U, late), "there": word(D, 0)}
    assert agreed(words, PROBE, 1, late).state is D
    assert agreed(words, PROBE, 1, late + 1).state is U
    silent = agreed({"there": word(U)}, PROBE, None, late + 1)
    assert (silent.state, silent.reason) == (X, "silent")


def test_who_sees_it_down_is_told() -> None:
    """Locations and the first one's words."""
    found = agreed({"berlin": word(D), "oslo": word(D), "rome": word(U)}, PROBE, None, 0)
    assert (found.down, found.detail) == (("berlin", "oslo"), "berlin, oslo: why")


class Asks:
    """Answers what it was told to."""

    def __init__(self, reason: Reason | None, *, reached: bool = False) -> None:
        self.reason, self.reached = reason, reached

    async def ask(self, probe: Probe) -> Result:
        return Result(SECOND, 1.0, self.reason, "no answer" if self.reason else "", reached=self.reached)


class Around:
    def __init__(self, *, working: bool) -> None:
        self.working, self.asked = working, 0

    def reached(self, probe: Probe) -> None:
        pass

    async def works(self, probe: Probe) -> bool:
        self.asked += 1
        return self.working


class Slept:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def since(self, monotonic: float) -> float:
        return self.seconds


def prober(asks: Asks, around: Around, slept: float = 0.0) -> tuple[Prober, list[Report]]:
    told: list[Report] = []
    return Prober(asks, around, Slept(slept), VirtualClock(), told.append, location="here"), told


FAULTS: list[tuple[Reason, bool, bool, float, State]] = [
    (Reason.TIMEOUT, False, True, 0.0, D),
    (Reason.TIMEOUT, False, False, 0.0, X),
    (Reason.TIMEOUT, True, False, 0.0, D),
    (Reason.RESOLVE_FAILED, False, False, 0.0, X),
    (Reason.RESOLVE, False, False, 0.0, D),
    (Reason.CONNECT, False, False, 0.0, D),
    (Reason.STATUS, True, False, 0.0, D),
    (Reason.NO_ROUTE, False, True, 0.0, X),
    (Reason.NO_RESOURCES, False, True, 0.0, X),
    (Reason.TIMEOUT, True, True, 3.0, X),
    (Reason.LATENCY, True, True, 3.0, X),
    (Reason.STATUS, True, True, 3.0, D),
]


@pytest.mark.parametrize(("reason", "reached", "works", "slept", "expected"), FAULTS)
async def test_a_fault_of_ours_is_no_alarm(
    reason: Reason, reached: bool, works: bool, slept: float, expected: State
) -> None:
    """No answer while our network is away, no resources, or an event loop that stood still: unknown, and not down."""
    asks, around = Asks(None, reached=True), Around(working=works)
    mine, told = prober(asks, around, slept)
    await mine.attempt(PROBE)
    asks.reason, asks.reached = reason, reached
    for _ in range(3):
        standing = await mine.attempt(PROBE)
    assert standing.state is expected
    assert [one.standing.state for one in told[:3]] == [U, U, U]
    if reason is Reason.TIMEOUT and not reached:
        assert around.asked == 3


async def test_too_many_attempts_at_once_are_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no place is not asked, and says so."""
    monkeypatch.setattr("midwatch.server.monitors.probes.prober.IN_FLIGHT_MAX", 0)
    mine, told = prober(Asks(None), Around(working=True))
    await mine.attempt(PROBE)
    assert (told[0].result.reason, told[0].standing.state) == (Reason.NO_RESOURCES, State.NEW)


async def test_references_tell_whether_our_network_works() -> None:
    """One that takes a connection, or refuses it, is enough; none of them: it does not. Nobody to ask: believed."""
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    guard = Guard(Reach.parse("127.0.0.0/8"), resolve=lambda host, port: ["10.0.0.1"])
    clock = VirtualClock()
    around = Surroundings(guard, clock)
    assert await around.works(PROBE)
    around.configure([f"127.0.0.1:{port}", "inside.test:443"], [PROBE])
    assert await around.works(PROBE)
    around.configure(["inside.test:443"], [PROBE])
    assert not await around.works(PROBE)
    server.close()
    await server.wait_closed()
    around.configure([f"127.0.0.1:{port}"], [PROBE])
    clock.advance(10)
    assert await around.works(PROBE)
    guard.close()


async def test_without_references_other_targets_serve() -> None:
    """Those that were reached before, on other hosts than the one that fails."""
    guard = Guard(Reach.parse("127.0.0.0/8"), resolve=lambda host, port: ["10.0.0.1"])
    other = Probe(name="other", tcp=TcpTarget(address="inside.test:1"))
    around = Surroundings(guard, VirtualClock())
    around.configure([], [PROBE, other])
    around.reached(PROBE)
    assert await around.works(PROBE)
    around.reached(other)
    assert not await around.works(PROBE)
    around.configure([], [PROBE])
    assert await around.works(PROBE)
    guard.close()


async def test_the_event_loop_that_stood_still_is_noticed() -> None:
    """The time that this process slept through is known to the probes of that time."""
    clock = VirtualClock()
    lag = LoopLag(clock)
    running = asyncio.ensure_future(lag.run())
    await asyncio.sleep(0)
    clock.advance(3)
    await asyncio.sleep(0.3)
    running.cancel()
    assert 2.5 < lag.since(0.0) <= 3.0
    assert lag.since(5.0) == 0


def test_series_have_the_names_that_the_field_knows() -> None:
    """blackbox_exporter's, with the probe and the location; no query of a URL is a label."""
    found = Result(5 * SECOND, 0.5, None, "", {"tls": 0.1}, {"probe_http_status_code": 200.0, "odd": 1.0})
    probe = PROBE.model_copy(update={"labels": {"team": "web", "job": "mine"}})
    told = {dict(one.labels)["__name__"]: one for one in samples_of(Report("shop", "here", found, Standing()), probe)}
    names = {"probe_success", "probe_duration_seconds", "probe_http_duration_seconds", "probe_http_status_code"}
    assert told.keys() == names
    labels = {"job": "probes", "instance": "https://shop.example/health", "probe": "shop", "kind": "http"}
    assert dict(told["probe_success"].labels) == labels | {
        "__name__": "probe_success",
        "location": "here",
        "team": "web",
    }
    assert dict(told["probe_http_duration_seconds"].labels)["phase"] == "tls"
    assert (told["probe_success"].value, told["probe_success"].at_ms) == (1.0, 5000)
    states = {dict(one.labels).get("state"): one.value for one in state_samples(PROBE, agreed({}, PROBE, None, 0), 1)}
    assert states == {"up": 0.0, "down": 0.0, "unknown": 0.0, None: 0.0}
    assert all(one.value != one.value for one in endings(PROBE, ["here"], 1))


def test_reports_go_as_json_and_come_back() -> None:
    """What the workspace keeps and another location sends is what was told."""
    found = Result(SECOND, 0.5, Reason.BODY, "why", {"tls": 0.1}, {"probe_http_status_code": 200.0}, {"a": "b"}, True)
    standing = Standing(D, 7, "body", "why", 3, 0, (1, 2), True)
    value: dict[str, Any] = report_json(Report("shop", "here", found, standing))
    assert result_of(value["result"]) == found
    assert standing_of(value["standing"]) == standing
    with pytest.raises((KeyError, ValueError)):
        standing_of({"state": "odd"})
