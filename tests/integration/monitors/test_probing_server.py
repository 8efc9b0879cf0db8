"""A server that probes by its plan: states, series, history; a second location; what is refused."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import TOKEN, Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

Probe = dict[str, Any]
QUICK = {"interval": "10s", "timeout": "2s", "retries": 1, "retry_after": "200ms"}


class Site:
    """A site that can be taken away, in a thread with a loop of its own."""

    def __init__(self) -> None:
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.open()

    def open(self) -> None:
        async def work() -> None:
            self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

        asyncio.run_coroutine_threadsafe(work(), self._loop).result(10)

    def close(self) -> None:
        async def work() -> None:
            assert self._server is not None
            self._server.close()

        asyncio.run_coroutine_threadsafe(work(), self._loop).result(10)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        good = b"authorization: Bearer s3cret" in head or b"/open" in head
        status = b"200 OK" if good else b"401 Unauthorized"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 4\r\n\r\nfine")
        writer.close()


@dataclass
class Probing:
    server: Server
    plan: Path
    site: Site
    probes: list[Probe]

    def apply(self, **more: Any) -> None:
        text = json.dumps({"probes": self.probes, **more})
        (self.plan / "new").write_text(text)
        (self.plan / "new").rename(self.plan / "midwatch.yml")
        with self.server.api() as api:
            answer = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": text}}).json()
        assert answer["ok"], answer

    def probe(self, name: str) -> dict[str, Any]:
        with self.server.api() as api:
            answer = api.get(f"/api/v1/probes/{name}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def becomes(self, name: str, state: str) -> dict[str, Any]:
        def there() -> dict[str, Any] | None:
            found = self.probe(name)
            return found if found["summary"]["state"] == state else None

        return eventually(there, seconds=40)

    def query(self, text: str) -> list[dict[str, Any]]:
        with self.server.api() as api:
            answer = api.get("/prometheus/api/v1/query", params={"query": text})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def firing(self) -> set[tuple[str, str]]:
        """Alerts of the built-in rules, and what they are about."""
        with self.server.api() as api:
            alerts = api.get("/prometheus/api/v1/alerts").json()["data"]["alerts"]
        return {
            (one["labels"]["alertname"], one["labels"].get("probe", "")) for one in alerts if one["state"] == "firing"
        }

    def answers(self, text: str, *values: float) -> None:
        eventually(lambda: sorted(float(one["value"][1]) for one in self.query(text)) == sorted(values), seconds=40)


@pytest.fixture(scope="module")
def probing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probing]:
    directory = tmp_path_factory.mktemp("probing")
    plan = directory / "observability"
    plan.mkdir()
    (plan / "secret").write_text("s3cret\n")
    (plan / "midwatch.yml").write_text("probes: []\n")
    with ExitStack() as stack:
        options = ("--plan", str(plan), "--private-networks", "127.0.0.0/8")
        server = Server(directory / "data", options=options).start()
        stack.callback(server.stop)
        site = Site()
        url = f"http://127.0.0.1:{site.port}"
        probes: list[Probe] = [
            {"name": "shop", "http": {"url": f"{url}/open?secret=1"}, "labels": {"team": "web"}, **QUICK},
            {
                "name": "shop/inside",
                "http": {"url": f"{url}/", "authorization": {"credentials_file": "secret"}},
                **QUICK,
            },
            {"name": "metadata", "http": {"url": "http://169.254.169.254/"}, **QUICK},
            {"name": "echo", "icmp": {"host": "127.0.0.1", "packets": 1}, **QUICK},
        ]
        found = Probing(server, plan, site, probes)
        found.apply()
        yield found


def test_what_is_up_is_told_as_series_and_in_lists(probing: Probing) -> None:
    """State, latency by phase, status; nothing secret in labels or answers."""
    found = probing.becomes("shop", "up")
    summary = found["summary"]
    assert (summary["kind"], summary["reason"], summary["labels"]) == ("http", "", {"team": "web"})
    assert summary["target"] == f"http://127.0.0.1:{probing.site.port}/open"
    place = summary["locations"][0]
    assert (place["location"], place["state"], place["silent"], place["last"]["success"]) == (
        "server",
        "up",
        False,
        True,
    )
    assert {"connect", "processing"} <= place["last"]["phases"].keys()
    assert [(one["state_from"], one["state_to"]) for one in found["changes"]] == [("new", "up")]
    probing.answers('probe_success{probe="shop",location="server",team="web",job="probes",kind="http"}', 1)
    probing.answers('probe_state{probe="shop",state="up"}', 1)
    probing.answers('probe_state{probe="shop",state="down"}', 0)
    probing.answers('probe_http_status_code{probe="shop"}', 200)
    probing.answers('count by () (probe_http_duration_seconds{probe="shop",phase="processing"})', 1)
    assert "secret" not in json.dumps(probing.query('probe_success{probe="shop"}'))
    probing.becomes("shop/inside", "up")
    probing.becomes("echo", "up")


def test_private_addresses_are_no_place_to_go(probing: Probing) -> None:
    """A target in a network that nobody allowed is unknown, with the setting that would allow it; and not down."""
    found = probing.becomes("metadata", "unknown")
    assert found["summary"]["reason"] == "refused_address"
    assert "--private-networks" in found["summary"]["detail"]


def test_down_and_up_again(probing: Probing) -> None:
    """Confirmed by a retry, told with its reason, an alert; over a restart it stays what it was."""
    probing.becomes("shop", "up")
    probing.site.close()
    down = probing.becomes("shop", "down")["summary"]
    assert (down["reason"], down["detail"]) == ("connect", "no connection: Connection refused")
    probing.answers('probe_state{probe="shop",state="down"}', 1)
    probing.answers('probe_success{probe="shop"}', 0)
    eventually(lambda: ("ProbeDown", "shop") in probing.firing(), seconds=60)
    probing.server.stop()
    probing.server.start()
    assert (probing.probe("shop")["summary"]["state"], probing.probe("shop")["summary"]["since"]) == (
        "down",
        down["since"],
    )
    probing.site.open()
    found = probing.becomes("shop", "up")
    changes = [(one["state_from"], one["state_to"]) for one in found["changes"]]
    assert changes[:2] == [("down", "up"), ("up", "down")]


def test_a_probe_can_be_asked_now(probing: Probing) -> None:
    """One attempt, told at once; a probe that is not there is not found."""
    with probing.server.api() as api:
        found = api.post("/api/v1/probe-attempts", json={"probe": "shop"}).json()
        assert found["success"], found
        assert api.post("/api/v1/probe-attempts", json={"probe": "none"}).status_code == 404
        assert api.get("/api/v1/probes/none").status_code == 404


def test_a_second_location_looks_and_tells(probing: Probing) -> None:
    """`midwatch probe` gets the probes with their secrets and no files; down needs both, as the quorum says."""
    probing.apply(probing={"quorum": 2})
    command = [sys.executable, "-m", "midwatch", "probe", "--server", probing.server.url, "--location", "berlin"]
    environment = {**os.environ, "MIDWATCH_API_TOKEN": TOKEN}
    allowed = ["--private-networks", "127.0.0.0/8"]
    process = subprocess.Popen([*command, *allowed], env=environment, stderr=subprocess.PIPE)
    try:

        def both() -> bool:
            places = probing.probe("shop/inside")["summary"]["locations"]
            return [(one["location"], one["state"]) for one in places] == [("berlin", "up"), ("server", "up")]

        eventually(both, seconds=60)
        probing.answers('probe_success{probe="shop/inside"}', 1, 1)
        probing.probes[0]["locations"] = ["berlin"]
        probing.apply(probing={"quorum": 2})
        eventually(lambda: len(probing.probe("shop")["summary"]["locations"]) == 1)
        probing.answers('probe_state{probe="shop",state="up"}', 1)
    finally:
        process.terminate()
        process.wait(20)
        assert process.stderr is not None
        process.stderr.close()
        del probing.probes[0]["locations"]
        probing.apply()


def test_reports_that_are_none_are_refused(probing: Probing) -> None:
    """Unknown fields, odd states, too many, the server's own name: 4xx. Of unknown probes nothing is kept."""
    result = {"at_ns": time.time_ns(), "seconds": 0.1, "reason": None, "detail": "", "phases": {}, "values": {}}
    standing = {"state": "up", "since_ns": 1, "reason": "", "detail": "", "misses": 0, "successes": 1, "changes": []}
    good = {
        "probe": "none",
        "result": result | {"facts": {}, "reached": True},
        "standing": standing | {"flapping": False},
    }
    path = "/api/v1/probe-locations/oslo/reports"
    with probing.server.api() as api:
        assert api.post(path, json={"reports": [good]}).json()["taken"] == 0
        assert api.post("/api/v1/probe-locations/server/reports", json={"reports": []}).status_code == 400
        for wrong in (
            {"reports": [good | {"odd": 1}]},
            {"reports": [good | {"standing": good["standing"] | {"state": "odd"}}]},
            {"reports": [good] * 1001},
            {"reports": [good | {"result": good["result"] | {"phases": {f"p{n}": 1.0 for n in range(21)}}}]},
        ):
            assert api.post(path, json=wrong).status_code == 422, wrong
        odd = good | {"result": good["result"] | {"reason": "odd"}}
        assert api.post(path, json={"reports": [odd]}).status_code == 400
        assert api.get("/api/v1/probe-locations/a b/probes").status_code == 422


def test_the_command_says_what_is_wrong(probing: Probing) -> None:
    """No token, a wrong one, a place that is no Midwatch, an odd network: one line, status 1."""
    base = [sys.executable, "-m", "midwatch", "probe", "--location", "x"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MIDWATCH_")}
    url = probing.server.url
    cases = [
        (["--server", url], "no API token"),
        (["--server", url, "--token", "mwt_wrong"], "the API token is not known"),
        (["--server", f"http://127.0.0.1:{probing.site.port}/open", "--token", "x"], "is the address right?"),
        (["--server", url, "--token", TOKEN, "--private-networks", "here"], "private_networks=here"),
        (["--token", TOKEN], "no server"),
    ]
    for options, said in cases:
        done = subprocess.run(
            [*base, *options], check=False, env=environment, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, said in done.stderr) == (1, True), (options, done.stderr)


def test_a_probe_that_is_gone_ends_its_series(probing: Probing) -> None:
    """Out of the plan: out of the list, and its series end at once."""
    probing.answers('probe_state{probe="echo",state="up"}', 1)
    probing.probes = [one for one in probing.probes if one["name"] != "echo"]
    probing.apply()
    with probing.server.api() as api:
        assert api.get("/api/v1/probes/echo").status_code == 404
    probing.answers('probe_state{probe="echo"}')
    probing.answers('probe_success{probe="echo"}')
