"""A Midwatch that was just installed, and one more process of the chat's server that tells it some things."""

from collections.abc import Iterator, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from midwatch.cli.parts import Part, start_midwatch
from tests.systems.chat_people import PATIENCE, Chat, ready_instance

KEY = "mwk_fresh_0123456789abcdef0123456789"
PILLARS = ("errors", "logs", "metrics", "traces")


@dataclass
class Fresh:
    folder: Path
    server: Part
    target: dict[str, str]
    api: httpx.Client

    def children(self) -> list[str]:
        """Processes that the server has started."""
        return (Path("/proc") / str(self.server.pid) / "task" / str(self.server.pid) / "children").read_text().split()

    def variables(self, pillar: str) -> dict[str, str]:
        """What switches it on in the chat's server."""
        url, otlp = self.target["url"], self.target["otlp_http_url"]
        return {
            "errors": {"SENTRY_DSN": f"http://{KEY}@{url.removeprefix('http://')}/1"},
            "logs": {"MIDWATCH_URL": url, "MIDWATCH_KEY": KEY},
            "metrics": {
                "OTEL_EXPORTER_OTLP_ENDPOINT": otlp,
                "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{KEY}",
            },
            "traces": {"SENTRY_TRACES_SAMPLE_RATE": "1"},
        }[pillar]

    def seen(self, run: str) -> set[str]:
        """The pillars of which something of this run is there; of traces, something of any run."""
        metric = f'http_server_request_duration_seconds_count{{instance="{run}"}}'
        found = {
            "errors": self._errors(run),
            "logs": self._asked("/api/v1/logs", query=f"event:api.failed instance:{run}")["rows"] if run else [],
            "metrics": self._asked("/prometheus/api/v1/query", query=metric)["data"]["result"],
            "traces": self._asked("/api/v1/traces")["traces"],
        }
        return {name for name, rows in found.items() if rows}

    def told_by(self, chat: Chat, run: str, pillars: Set[str]) -> None:
        """One failed request of an instance that tells of these pillars, and nothing else is there of it."""
        telling = {key: one for name in pillars for key, one in self.variables(name).items()}
        with ready_instance(chat.system, self.folder, run, telling=telling) as spare:
            assert spare.ask("GET", "/api/chat/rooms/general/messages?pattern=(").status_code == 500
            assert spare.stop() == 0
        chat.system.until(lambda: self.seen(run) >= pillars, PATIENCE)
        assert self.seen(run) - {"traces"} == pillars - {"traces"}

    def _errors(self, run: str) -> list[dict[str, Any]]:
        """Events of any issue that this run has told of."""
        issues = self._asked("/api/v1/issues", status="all")["issues"]
        tag = f"server_name:{run}"
        return [
            event for one in issues for event in self._asked(f"/api/v1/issues/{one['id']}/events", tag=tag)["events"]
        ]

    def _asked(self, path: str, **params: str) -> Any:
        return self.api.get(path, params=params).raise_for_status().json()


@contextmanager
def fresh_midwatch(folder: Path) -> Iterator[Fresh]:
    with ExitStack() as stack:
        server, target = start_midwatch(stack, folder / "fresh", folder, port=0, key=KEY)
        headers = {"authorization": f"Bearer {target['token']}"}
        api = stack.enter_context(httpx.Client(base_url=target["url"], headers=headers, timeout=PATIENCE))
        yield Fresh(folder, server, target, api)
