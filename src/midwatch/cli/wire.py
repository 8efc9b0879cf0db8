"""One marked request through a team's own entry point, followed by its ids through all that it makes happen."""

import fnmatch
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import click
import httpx

from midwatch._version import __version__
from midwatch.cli.api import Api
from midwatch.cli.failure import Failure
from midwatch.cli.tables import printable
from midwatch.contract.fields import CORRELATION_ID, EVENT_NAME, PROBE, names_of
from midwatch.contract.plan.explain import listed
from midwatch.contract.plan.sections import wire
from midwatch.contract.plan.sections.wire import Stop, Wire

PROBE_BAGGAGE = f"{PROBE}=true"
LOOK_SECONDS = 0.5
TRACES_MAX = 20
ROWS_MAX = 500
ASTRAY_ROWS = 20


@dataclass(frozen=True, slots=True)
class Ids:
    trace: str
    span: str
    correlation: str

    @classmethod
    def new(cls) -> "Ids":
        return cls(os.urandom(16).hex(), os.urandom(8).hex(), f"wire-{os.urandom(8).hex()}")

    @property
    def headers(self) -> dict[str, str]:
        """The request is sampled, whatever share of traces is kept."""
        return {
            "traceparent": f"00-{self.trace}-{self.span}-01",
            "x-correlation-id": self.correlation,
            "baggage": PROBE_BAGGAGE,
            "user-agent": f"midwatch-wire/{__version__}",
        }


@dataclass(frozen=True, slots=True)
class Sight:
    """A span or a line. `by`: the ids of the probe that it has, `trace` and `correlation`."""

    service: str
    at: float
    by: frozenset[str]
    span: str = ""
    event: str = ""
    body: str = ""
    failed: str = ""
    """What went wrong, of a failed span or a line of an error."""


@dataclass(slots=True)
class Passed:
    """A stop, and what was seen of it."""

    stop: Stop
    sight: Sight | None = None
    astray: str = ""
    """Where it was not seen: what else tells why."""


@dataclass(slots=True)
class WireReport:
    entry: Wire
    ids: Ids
    url: str
    sent_at: float
    status: int | None = None
    seconds: float = 0.0
    error: str = ""
    stops: list[Passed] = field(default_factory=list)
    dropping: list[str] = field(default_factory=list)
    """Services that have the trace and not the correlation id."""
    failures: list[str] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        wanted = self.entry.status or range(200, 300)
        return self.status is not None and self.status in wanted

    @property
    def passed(self) -> bool:
        return self.answered and all(one.sight is not None for one in self.stops)

    @property
    def broke_after(self) -> str:
        """The last stop before the first that is missing; empty where none is."""
        for place, one in enumerate(self.stops):
            if one.sight is None:
                return self.stops[place - 1].stop.title if place else "the request"
        return ""

    def described(self) -> dict[str, Any]:
        return {
            "name": self.entry.name,
            "url": self.url,
            "trace_id": self.ids.trace,
            "correlation_id": self.ids.correlation,
            "status": self.status,
            "error": self.error,
            "passed": self.passed,
            "broke_after": self.broke_after,
            "trail": [
                {
                    "stop": one.stop.title,
                    "seen": one.sight is not None,
                    "after_seconds": None if one.sight is None else round(one.sight.at - self.sent_at, 3),
                    "by": sorted(one.sight.by) if one.sight else [],
                    "instead": one.astray,
                }
                for one in self.stops
            ],
            "dropping_correlation_id": self.dropping,
            "failures": self.failures,
        }

    def print(self) -> None:
        answer = f"answered {self.status} in {self.seconds:.2f} s" if self.status is not None else self.error
        wrong = "" if self.answered or self.status is None else f"; expected {_statuses(self.entry)}"
        click.echo(f"  {'✓' if self.answered else '✗'} {printable(answer)}{wrong}")
        for one in self.stops:
            if one.sight is not None:
                click.echo(f"  ✓ {printable(one.stop.title)}, {max(0.0, one.sight.at - self.sent_at):.2f} s after")
            else:
                instead = f": {one.astray}" if one.astray else ""
                click.echo(f"  ✗ {printable(one.stop.title)} was not seen{printable(instead)}")
        if self.broke_after:
            click.echo(f"  it broke after {printable(self.broke_after)}")
        for service in self.dropping:
            click.echo(f"  {printable(service)} has the trace, and no correlation id on its lines and spans")
        for failure in self.failures:
            click.echo(f"  went wrong: {printable(failure)}")
        click.echo(f"  trace {self.ids.trace}, correlation id {self.ids.correlation}\n")


def entries_of(written: Any, environment: str | None, names: Sequence[str]) -> list[tuple[Wire, str]]:
    """The plan's entries, each with the environment in which it is sent.

    Raises Failure: none is declared, a name is unknown, or the environment is not clear.
    """
    entries = {one.name: one for one in wire.SECTION.adapter.validate_python(listed(written))}
    if not entries:
        raise Failure("the plan in force has no wire entries: declare one in midwatch.yml (docs/verify.md)")
    for name in names:
        if name not in entries:
            raise Failure(f"{name}: expected one of {', '.join(entries)}")
    chosen = []
    for entry in (entries[name] for name in names or entries):
        if environment is None and len(entry.urls) > 1:
            raise Failure(f"{entry.name} goes to {', '.join(entry.urls)}: say which with --env")
        place = environment if environment is not None else next(iter(entry.urls))
        if place in entry.urls:
            chosen.append((entry, place))
        elif names:
            raise Failure(f"{entry.name} goes to {', '.join(entry.urls)}, and not to {place}")
    if not chosen:
        raise Failure(f"no wire entry goes to {environment}")
    return chosen


def followed(api: Api, entry: Wire, place: str, *, sleep: Callable[[float], None] = time.sleep) -> WireReport:
    """Send it, and look for its trail until all of it was seen or its time is over."""
    report = WireReport(entry, Ids.new(), entry.urls[place], time.time())
    report.stops = [Passed(stop) for stop in entry.trail]
    _send(report)
    deadline = time.monotonic() + entry.within
    sights: list[Sight] = []
    while report.status is not None:
        sights = list(_sights(api, report))
        for one in report.stops:
            one.sight = one.sight or next((sight for sight in sights if _fits(one.stop, sight)), None)
        if all(one.sight is not None for one in report.stops) or time.monotonic() > deadline:
            break
        sleep(LOOK_SECONDS)
    report.dropping = _dropping(sights)
    report.failures = list(dict.fromkeys(f"{one.service}: {one.failed}" for one in sights if one.failed))[:10]
    for one in report.stops:
        if one.sight is None and report.status is not None:
            one.astray = _astray(api, report, one.stop, sights)
    return report


def _send(report: WireReport) -> None:
    entry = report.entry
    headers = {**entry.headers, **_secret_headers(entry), **report.ids.headers}
    started = time.monotonic()
    try:
        answer = httpx.request(
            entry.method, report.url, headers=headers, content=entry.body or None, timeout=entry.within
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        report.error = f"no answer: {error or type(error).__name__}"
        return
    finally:
        report.seconds = time.monotonic() - started
    report.status = answer.status_code


def _secret_headers(entry: Wire) -> dict[str, str]:
    found = {}
    for header, variable in entry.headers_from.items():
        if not os.environ.get(variable):
            raise Failure(f"{entry.name}: {variable} is not set; its value is the header {header}")
        found[header] = os.environ[variable]
    return found


def _sights(api: Api, report: WireReport) -> Iterator[Sight]:
    """All spans and lines that have one of the ids."""
    ids, start = report.ids, _start(report)
    query = f'trace_id:{ids.trace} OR correlation_id:"{ids.correlation}"'
    for row in api.get("/api/v1/logs", query=query, start=start, limit=ROWS_MAX)["rows"]:
        yield _sight_of_line(row, ids)
    for summary in api.get("/api/v1/traces", query=query, start=start, limit=TRACES_MAX)["traces"]:
        trace = api.get(f"/api/v1/traces/{summary['trace_id']}")
        begin = _unix(trace["start"])
        # Another trace is found by the correlation id alone: work that goes on under it, in a trace of its own.
        by = frozenset({"trace" if summary["trace_id"] == ids.trace else "correlation"})
        for span in trace["spans"]:
            failed = f"span {span['name']} failed" if span["status"] == "error" else ""
            at = begin + span["start_offset_ns"] / 1e9
            yield Sight(span["service"], at, by, span=span["name"], failed=failed)


def _sight_of_line(row: dict[str, Any], ids: Ids) -> Sight:
    by = set()
    if row["trace_id"] == ids.trace:
        by.add("trace")
    if any(row["attributes"].get(name) == ids.correlation for name in names_of(CORRELATION_ID)):
        by.add("correlation")
    failed = row["body"][:200] if row["level"] in ("error", "fatal") else ""
    event = row["event_name"] or next(
        (str(row["attributes"][name]) for name in names_of(EVENT_NAME) if name in row["attributes"]), ""
    )
    return Sight(row["service"], _unix(row["timestamp"]), frozenset(by), event=event, body=row["body"], failed=failed)


def _fits(stop: Stop, sight: Sight) -> bool:
    if stop.service is not None and sight.service != stop.service:
        return False
    if stop.span is not None:
        return bool(sight.span) and fnmatch.fnmatchcase(sight.span, stop.span.replace("[", "[[]"))
    return stop.event is None or stop.event in (sight.event, sight.body)


def _dropping(sights: Sequence[Sight]) -> list[str]:
    """By their lines: spans are not looked at one by one."""
    lines = [one for one in sights if not one.span]
    having = {one.service for one in lines if "correlation" in one.by}
    return sorted({one.service for one in lines if "trace" in one.by} - having)


def _astray(api: Api, report: WireReport, stop: Stop, sights: Sequence[Sight]) -> str:
    """What tells why a stop was not seen: the same thing without the ids, or nothing of its service at all."""
    start = _start(report)
    service = f'service:"{stop.service}"' if stop.service else ""
    if stop.span is not None:
        name = "" if "*" in stop.span else f'name:"{stop.span}"'
        rows = api.get("/api/v1/traces", query=_all(name, service), start=start, limit=ASTRAY_ROWS)["traces"]
        others = [one for one in rows if one["trace_id"] != report.ids.trace]
        if name and others:
            return f"such a span came in another trace ({others[0]['trace_id']}): its service drops traceparent"
    elif stop.event is not None:
        told = f'(event:"{stop.event}" OR event.name:"{stop.event}" OR body:"{stop.event}")'
        query = _all(told, service)
        rows = api.get("/api/v1/logs", query=query, start=start, limit=ASTRAY_ROWS)["rows"]
        others = [one for one in rows if not _sight_of_line(one, report.ids).by]
        if others:
            after = _unix(others[-1]["timestamp"]) - report.sent_at
            return (
                f"{others[-1]['service']} told of it {max(0.0, after):.2f} s after, without these ids: traceparent and"
                " x-correlation-id do not reach it, or it does not read them"
            )
    if stop.service is None:
        return ""
    if any(one.service == stop.service for one in sights):
        return f"{stop.service} was reached"
    lines = api.get("/api/v1/logs", query=service, start=start, limit=ASTRAY_ROWS)["rows"]
    if lines:
        return f"{stop.service} told of other things meanwhile, nothing with these ids"
    return f"nothing came from {stop.service} meanwhile"


def _all(*parts: str) -> str:
    return " AND ".join(filter(None, parts))


def _start(report: WireReport) -> str:
    """Some seconds earlier: clocks differ."""
    return f"{report.sent_at - 5:.3f}"


def _unix(text: str) -> float:
    return datetime.fromisoformat(f"{text[:26]}+00:00").timestamp()


def _statuses(entry: Wire) -> str:
    return " or ".join(map(str, entry.status)) if entry.status else "200 to 299"
