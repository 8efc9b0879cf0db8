"""Where what came may stand beside the data directory: at receivers, in exports and backups, in PostgreSQL's tables."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.notify.smtp_sink import Mailbox
from tests.integration.privacy.canaries import Canaries
from tests.otlp_sink import OtlpSink
from tests.vendors import Vendors

ROUTES = """
global: {slack_app_url: URL/api/chat.postMessage}
route: {receiver: all, group_by: ['...'], group_wait: 0s, group_interval: 1s}
receivers:
  - name: all
    webhook_configs: [{url: URL/webhook}]
    slack_configs: [{app_token: xoxb-bot-token, channel: '#web'}]
    pagerduty_configs: [{routing_key: 0123456789abcdef0123456789abcdef, url: URL/v2/enqueue}]
    email_configs:
      - {to: a@example.com, from: w@example.org, smarthost: '127.0.0.1:SMTP', require_tls: false}
"""
RULES = """
groups:
  - name: canaries
    interval: 1s
    rules:
      - alert: Series
        expr: last_over_time({__name__="canary_total"}[10m]) > 0
        annotations: {summary: 'of {{ $labels.who }}', description: '{{ $labels }}'}
"""
CHANNELS = ("/webhook", "/api/chat.postMessage", "/v2/enqueue")


def notified(door: Vendors, box: Mailbox) -> dict[str, bytes]:
    """What each channel got, once it was told of the series and of an issue."""

    def of(path: str) -> bytes:
        return b"\n".join(one.path.encode() + one.body for one in door.at(path))

    def mails() -> bytes:
        found = []
        for mail in list(box.mails):
            found.append(str(mail["subject"]).encode())
            for part in mail.walk():
                content = part.get_payload(decode=True)
                found.append(content if isinstance(content, bytes) else b"")
        return b"\n".join(found)

    def is_told(content: bytes) -> bool:
        return b"Series" in content and b"Issue" in content

    for path in CHANNELS:
        eventually(lambda path=path: is_told(of(path)), seconds=90)  # type: ignore[misc]
    eventually(lambda: is_told(mails()), seconds=90)
    return {**{path: of(path) for path in CHANNELS}, "mail": mails()}


def cli(server: Server, *arguments: str) -> str:
    command = [sys.executable, "-m", "midwatch", *arguments, "--data", str(server.data)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


EXPORTS = {
    "logs as NDJSON": "logs/export?format=ndjson&start=now-1h",
    "logs as CSV": "logs/export?format=csv&start=now-1h",
    "audit": "audit/export?format=csv",
    "events": "events?start=now-1h&limit=1000",
    "issues": "issues?status=all",
    "notifications": "notifications?limit=200",
}


def exported(server: Server, entity: str) -> dict[str, bytes]:
    """`entity`: whose story is asked for."""
    found = {}
    with server.api() as api:
        for name, path in EXPORTS.items():
            answer = api.get(f"/api/v1/{path}")
            assert answer.status_code == 200, f"{name}: {answer.text}"
            found[name] = answer.content
        story = api.get("/api/v1/story", params={"entity": entity, "start": "now-1h", "format": "markdown"})
        found["story"] = story.content
    letters = json.loads(cli(server, "dead-letters", "list", "--json"))["letters"]
    found["dead letters by CLI"] = "".join(cli(server, "dead-letters", "show", one["id"]) for one in letters).encode()
    assert letters
    return found


def forwarded(sink: OtlpSink) -> bytes:
    return b"\n".join(body for _path, body in list(sink.bodies))


def back_up(server: Server) -> Path:
    return Path(json.loads(cli(server, "backup", "--json"))["path"])


def tables_of(url: str) -> Iterator[bytes]:
    """Every row of every table, as text; values of bytes as they are."""
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            for row in connection.execute(SQL("SELECT * FROM {}").format(Identifier(name))):
                for value in row:
                    yield (
                        value
                        if isinstance(value, bytes)
                        else json.dumps(value, default=str, ensure_ascii=False).encode()
                    )


def wanted(canaries: Canaries, *places: str) -> set[str]:
    """Values that were planted in places of which one of these is the end."""
    return {
        value
        for value, place in canaries.planted.items()
        if any(re.search(rf"in {re.escape(one)}$", place) for one in places)
    }
