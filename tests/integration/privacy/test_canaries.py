"""Secrets and numbers in every field of every signal of a running server, looked for wherever it keeps or sends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.notify.smtp_sink import mail_server
from tests.integration.privacy import doors, places
from tests.integration.privacy.canaries import Canaries
from tests.integration.privacy.decoded import Search
from tests.integration.privacy.senders import VISIBLE, everything, otlp
from tests.otlp_sink import running_sink
from tests.postgresql import new_database
from tests.vendors import vendors

pytestmark = pytest.mark.thorough

PLAN = """runbooks: warn
forward:
  - {name: sink, endpoint: FORWARD}
errors:
  tell: {severities: [critical, error, warning, info]}
privacy:
  region: DE
"""
OFF = "  at_the_server: false\n"
SECONDS_MAX = 900


@dataclass
class Found:
    """What was planted, and where each value was found."""

    canaries: Canaries
    kept: dict[str, str] = field(default_factory=dict)
    """In the data directory and the workspace's database."""
    elsewhere: dict[str, set[str]] = field(default_factory=dict)
    """By receiver, export and so on."""
    otlp: set[str] = field(default_factory=set)
    """What came by OTLP, and so goes on."""

    def told(self, values: dict[str, str] | set[str]) -> list[str]:
        return sorted(self.canaries.planted[value] for value in values)


@contextmanager
def _workspace(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield ""
        return
    with new_database() as url:
        yield url


def _run(directory: Path, privacy: str, workspace: str) -> Found:
    found = Found(Canaries())
    with (
        _workspace(workspace) as database,
        new_database() as outbox,
        vendors() as door,
        mail_server() as box,
        running_sink() as sink,
    ):
        doors.make_outbox(outbox)
        (plan := directory / "observability").mkdir(parents=True)
        (plan / "midwatch.yml").write_text(
            (PLAN + privacy + doors.SOURCES).replace("FORWARD", sink.dsn.replace("key@", ""))
        )
        (plan / "app-url").write_text(outbox + "\n")
        (plan / "alertmanager.yml").write_text(places.ROUTES.replace("URL", door.url).replace("SMTP", str(box.port)))
        (plan / "rules").mkdir()
        (plan / "rules" / "canaries.yml").write_text(places.RULES)
        options = ("--plan", str(plan), "--private-networks", "all", *(("--database", database) if database else ()))
        server = Server(directory / "data", {}, options).start()
        server.stop()
        doors.poison(server.data, found.canaries)
        server.start()
        try:
            eventually(lambda: _is_quick(server) or None, seconds=60)
            _sent(server, found, outbox)
            channels = places.notified(door, box)
            # What waits for a destination waits as it came (docs/forwarding.md).
            eventually(lambda: not list((server.data / "forward").rglob("*.wal")) or None, seconds=120)
            others = {**channels, **places.exported(server, doors.TOLD), "forwarded": places.forwarded(sink)}
            backup = places.back_up(server)
        finally:
            server.stop()
        others["output"] = (server.data / "server.log").read_bytes()
        search = Search(found.canaries.forms())
        found.elsewhere = {place: search.in_bytes(content) for place, content in others.items()}
        found.elsewhere["backup"] = set(search.in_directory(backup))
        found.kept = search.in_directory(server.data)
        if database:
            dumped = set().union(*map(search.in_bytes, places.tables_of(database)))
            found.elsewhere["PostgreSQL"] = dumped
            found.kept = {**dict.fromkeys(dumped, "PostgreSQL"), **found.kept}
    return found


def _is_quick(server: Server) -> bool:
    """Whether what is sent is there at once, as the senders wait for it: behind the start and the poison."""
    with server.door(content_type="application/x-ndjson") as door:
        return door.post("/ingest/ndjson", params=VISIBLE, content=b"hello").status_code == 200


def _sent(server: Server, found: Found, outbox: str) -> None:
    canaries = found.canaries
    before = set(canaries.planted)
    otlp(server, canaries)
    doors.over_grpc(server, canaries)
    found.otlp = set(canaries.planted) - before
    doors.over_statsd(server, canaries)
    doors.domain_events(server, canaries)
    doors.polled(outbox, canaries)
    everything(server, canaries)

    def are_stored() -> bool:
        with server.api() as api:
            told = api.get("/api/v1/events", params={"start": "now-1h"}).json()["events"]
            metrics = api.get("/prometheus/api/v1/series", params={"match[]": '{__name__=~"statsd_.*"}'}).json()["data"]
        return len(told) >= 3 and len(metrics) >= 2 and not list((server.data / "wal").glob("*.wal"))

    eventually(are_stored, seconds=120)


WORKSPACES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.faults))
"""With both, in full, a run of all tests would take too long."""
FOUND_IN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*places.CHANNELS, "mail"), ("series label", "error value")),
    **dict.fromkeys(("logs as NDJSON", "logs as CSV"), ("body", "record value", "line message")),
    "events": ("entity", "metadata value", "polled"),
    "issues": ("error value",),
    "notifications": ("series label",),
    "story": ("told",),
    "dead letters by CLI": ("poison otlp_logs",),
    "PostgreSQL": ("error value", "series label"),
    "backup": ("body", "span value", "series label"),
}
"""Where without rules something of each of these stands: what is shown of a text may be its beginning."""


@pytest.mark.timeout(SECONDS_MAX)
@pytest.mark.parametrize("workspace", WORKSPACES)
def test_without_rules_every_canary_is_found(tmp_path: Path, workspace: str) -> None:
    """The control: what the search cannot find here, its silence would say nothing of."""
    found = _run(tmp_path, OFF, workspace)
    unseen = {place for value, place in found.canaries.planted.items() if value not in found.kept}
    assert not unseen, f"{len(unseen)} of {len(found.canaries.planted)} were not found: {sorted(unseen)[:60]}"
    silent = [
        (where, what)
        for where, those in FOUND_IN.items()
        for what in those
        if where in found.elsewhere and not places.wanted(found.canaries, what) & found.elsewhere[where]
    ]
    assert not silent, f"nothing was found of {silent}"
    missing = found.otlp - found.elsewhere["forwarded"]
    assert not missing, f"{len(missing)} did not go on: {found.told(missing)[:40]}"


@pytest.mark.timeout(SECONDS_MAX)
@pytest.mark.parametrize("workspace", WORKSPACES)
def test_with_rules_none_is(tmp_path: Path, workspace: str) -> None:
    """Tables with parts that are in use no more, roll-ups, workspace, blobs, log, dead letters, output, backups; what
    receivers got, what was exported, what went on."""
    found = _run(tmp_path, "", workspace)
    leaked = {f"{found.canaries.planted[value]} ({where})" for value, where in found.kept.items()}
    assert not leaked, f"{len(leaked)} of {len(found.canaries.planted)} were found: {sorted(leaked)[:60]}"
    shown = {where: found.told(values)[:20] for where, values in found.elsewhere.items() if values}
    assert not shown
