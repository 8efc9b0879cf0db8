"""Every verb that talks to a server, against a real one."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.eventually import eventually

from midwatch.cli.target import SERVER_FILE

pytestmark = [pytest.mark.xdist_group("cli"), pytest.mark.thorough]
KEY = "ingest-key-of-the-test"
START_SECONDS_MAX = 60


class Server:
    """A `midwatch up` of its own, and the command line beside it."""

    def __init__(self, directory: Path) -> None:
        self.data = directory / "data"
        self.plan = directory / "observability"
        self.plan.mkdir()
        (self.plan / "midwatch.yml").write_text("services: {api: {owner: backend}}\n")
        ports = ["--port", "0", "--otlp-http-port", "0", "--otlp-grpc-port", "-1", "--statsd-port", "-1"]
        self.log = (directory / "log").open("w+")
        self.process = subprocess.Popen(
            [*COMMAND, "up", "--data", str(self.data), "--plan", str(self.plan), *ports, "--log-format", "json"],
            env={**ENVIRONMENT, "MIDWATCH_INGEST_KEY": KEY},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        self.url = self._wait()

    def _wait(self) -> str:
        return eventually(self._ready_address, seconds=START_SECONDS_MAX)

    def _ready_address(self) -> str | None:
        if self.process.poll() is not None:
            self.log.seek(0)
            raise AssertionError(f"the server did not start:\n{self.log.read()[-4000:]}")
        with contextlib.suppress(OSError, ValueError, httpx.HTTPError):
            url: str = json.loads((self.data / SERVER_FILE).read_text())["url"]
            if httpx.get(f"{url}/ready").status_code == 200:
                return url
        return None

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.log.close()

    def cli(self, *arguments: str, ok: bool = True, target: tuple[str, ...] | None = None) -> str:
        """Run a verb; its output, or its error where it must fail."""
        aimed = ("--data", str(self.data)) if target is None else target
        done = subprocess.run(
            [*COMMAND, *arguments, *aimed], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode == 0) == ok, done.stdout + done.stderr
        return done.stdout if ok else done.stderr

    def json(self, *arguments: str) -> Any:
        return json.loads(self.cli(*arguments, "--json"))


COMMAND = [sys.executable, "-m", "midwatch"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MIDWATCH_")}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("cli"))
    yield running
    running.stop()


def test_status_of_a_server_that_is_well(server: Server) -> None:
    """Ready, with each check, each signal and what waits."""
    told = server.cli("status")
    assert f"{server.url} is ready" in told
    assert "dead letters: 0" in told
    assert {check["name"] for check in server.json("status")["checks"]} == {"store", "database", "wal", "disk"}


def test_logs_are_found_and_private_values_are_gone(server: Server) -> None:
    """A line that was just acknowledged is found; escape codes are shown and not obeyed; a wrong search says where."""
    lines = [
        {"level": "error", "message": f"broken {n} \x1b[31m", "service": "api", "apiKey": "geheim"} for n in (1, 2)
    ]
    sent = httpx.post(
        f"{server.url}/ingest/ndjson?wait=visible",
        content="\n".join(json.dumps(line) for line in lines),
        headers={"authorization": f"Bearer {KEY}"},
        timeout=60,
    )
    assert sent.status_code == 200
    told = server.cli("logs", "level:error service:api")
    assert told.count("broken") == 2
    assert "\\x1b[31m" in told
    row = json.loads(server.cli("logs", "broken", "--json", "--limit", "1"))
    assert row["attributes"]["apiKey"] == "[removed]"
    assert "column" in server.cli("logs", "level:(", ok=False)


def test_a_story_is_told(server: Server) -> None:
    """Of an id of any kind and of one that is named, as lines, Markdown and JSON; without an id, and of one that nobody
    has, it says what to do."""
    lines = [
        {"level": "info", "message": f"step {n} \x1b[31m", "service": "api", "correlation_id": "c-cli"} for n in (1, 2)
    ]
    sent = httpx.post(
        f"{server.url}/ingest/ndjson?wait=visible",
        content="\n".join(json.dumps(line) for line in lines),
        headers={"authorization": f"Bearer {KEY}"},
        timeout=60,
    )
    assert sent.status_code == 200
    told = server.cli("story", "c-cli")
    assert [line.split("log      ")[1] for line in told.splitlines()] == ["step 1 \\x1b[31m", "step 2 \\x1b[31m"]
    assert server.cli("story", "--correlation-id", "c-cli", "--markdown").startswith("# What happened to correlation")
    assert server.json("story", "--correlation-id", "c-cli")["total_lines"] == 2
    assert "say whose story" in server.cli("story", ok=False)
    assert server.cli("story", "--job-id", "nobody") == ""
    assert "expected 32 hexadecimal digits" in server.cli("story", "--trace-id", "x", ok=False)


def test_logs_are_followed(server: Server, tmp_path: Path) -> None:
    """New lines come while the verb runs."""
    shown = tmp_path / "shown"
    with shown.open("w") as output:
        following = subprocess.Popen(
            [*COMMAND, "logs", "followed", "--follow", "--data", str(server.data)],
            env=ENVIRONMENT,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A shell that started this run in the background lets nobody below it be interrupted.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one system call
        )
    try:
        deadline = time.monotonic() + 30
        while "a followed line" not in shown.read_text() and time.monotonic() < deadline:
            line = json.dumps({"message": "a followed line", "service": "api"})
            headers = {"authorization": f"Bearer {KEY}"}
            httpx.post(f"{server.url}/ingest/ndjson?wait=visible", content=line, headers=headers, timeout=60)
        assert "a followed line" in shown.read_text()
        following.send_signal(signal.SIGINT)
        assert following.wait(20) == 0
        assert "Aborted" not in shown.read_text()
    finally:
        following.kill()
        following.wait()


def test_keys(server: Server) -> None:
    """Made, listed without their secret, for a project of its own, revoked."""
    key = server.cli("keys", "create", "web", "--origin", "https://a.example", "--env", "staging").strip()
    found = next(one for one in server.json("keys", "list")["keys"] if one["name"] == "web")
    assert (found["environment"], found["origins"]) == ("staging", ["https://a.example"])
    assert key not in server.cli("keys", "list")
    apart = server.cli("keys", "create", "apart", "--project", "7").strip()
    line = httpx.post(
        f"{server.url}/ingest/ndjson?wait=visible",
        content='{"message":"kept apart"}',
        headers={"authorization": f"Bearer {apart}"},
        timeout=30,
    )
    assert line.status_code == 200
    assert "kept apart" in server.cli("logs", "apart", "--project", "7")
    assert "kept apart" not in server.cli("logs", "apart")
    server.cli("keys", "revoke", found["id"])
    revoked = next(one for one in server.json("keys", "list")["keys"] if one["name"] == "web")
    assert revoked["revoked"]


def test_what_a_server_writes_is_its_users_alone(server: Server) -> None:
    """Users, keys and telemetry: whoever else is on the machine reads none of it, whatever the directory's mode."""
    open_to_others = [path for path in server.data.rglob("*") if path.lstat().st_mode & 0o077 and not path.is_symlink()]
    assert (server.data / "workspace.db").is_file()
    assert open_to_others == []


def test_users(server: Server) -> None:
    """Added with a link, given another, changed, disabled and enabled; an unknown one says where to look."""
    link = server.cli("users", "add", "erna@example.org", "--role", "engineer").strip()
    assert link.startswith(f"{server.url}/signin?token=")
    assert server.cli("users", "link", "erna@example.org").strip() != link

    def found() -> tuple[str, bool]:
        users = server.json("users", "list")["users"]
        return next((one["role"], one["disabled"]) for one in users if one["email"] == "erna@example.org")

    server.cli("users", "disable", "erna@example.org")
    assert found() == ("engineer", True)
    assert server.cli("users", "enable", "erna@example.org") == "erna@example.org: enabled\n"
    assert server.cli("users", "role", "erna@example.org", "viewer") == "erna@example.org: viewer\n"
    assert found() == ("viewer", False)
    assert "`midwatch users list` shows them" in server.cli("users", "disable", "nobody", ok=False)


def test_tokens_and_what_they_may_not(server: Server) -> None:
    """A viewer's token reads and does no more; a revoked one and an ingest key are refused with the next step."""
    token = server.cli("tokens", "create", "ci", "--role", "viewer").strip()
    aimed = ("--url", server.url, "--token", token)
    assert "is ready" in server.cli("status", target=aimed)
    assert "use a token of that role" in server.cli("keys", "create", "x", ok=False, target=aimed)
    assert "use a token of that role" in server.cli("apply", str(server.plan), ok=False, target=aimed)
    found = next(one for one in server.json("tokens", "list")["tokens"] if one["name"] == "ci")
    server.cli("tokens", "revoke", found["id"])
    assert "the token is not taken" in server.cli("status", ok=False, target=aimed)
    assert "can write and never read" in server.cli("status", ok=False, target=("--url", server.url, "--token", KEY))


def test_dead_letters(server: Server) -> None:
    """None here; one that is not there says so."""
    assert server.cli("dead-letters", "list") == "no dead letters\n"
    assert server.json("dead-letters", "list") == {"letters": [], "total": 0}
    for verb in (("show",), ("retry",), ("drop", "--yes")):
        assert "cannot find dead letter" in server.cli("dead-letters", *verb, "0123456789abcdef", ok=False)
    assert "Give ids" in server.cli("dead-letters", "retry", ok=False)
    assert server.cli("dead-letters", "retry", "--all") == ""


def test_a_plan_is_compared_and_applied(server: Server, tmp_path: Path) -> None:
    """A dry run changes nothing, an apply does and is audited, a mistake leaves the plan in force alone."""
    (tmp_path / "midwatch.yml").write_text("services: {api: {owner: platform}}\nretention: {logs: 3d}\n")
    told = server.cli("apply", str(tmp_path), "--dry-run")
    assert "+ retention: " in told
    assert '~ services.api.owner: "backend" → "platform"' in told
    assert told.endswith("not applied: a dry run\n")
    assert server.cli("apply", str(tmp_path)).endswith("applied\n")
    assert server.cli("apply", str(tmp_path)) == "nothing changes\n"
    logs = next(one for one in server.json("status")["signals"] if one["signal"] == "logs")
    assert logs["retention_days"] == 3.0
    (tmp_path / "midwatch.yml").write_text("services: {api: {ownr: platform}}\n")
    told = server.cli("apply", str(tmp_path), ok=False)
    assert "midwatch.yml:1:18: ownr: unknown key" in told
    assert "the plan in force stays" in told


def test_a_denied_key_of_the_plan_is_removed_from_what_comes_next(server: Server, tmp_path: Path) -> None:
    """The plan's privacy is in force for the INSERT as soon as `apply` has answered."""
    (tmp_path / "midwatch.yml").write_text("privacy: {deny: [phone number]}\n")
    server.cli("apply", str(tmp_path))
    line = json.dumps({"message": "private line", "user": {"phoneNumber": "0123"}, "phone": "kept"})
    headers = {"authorization": f"Bearer {KEY}"}
    httpx.post(f"{server.url}/ingest/ndjson?wait=visible", content=line, headers=headers, timeout=60)
    row = json.loads(server.cli("logs", '"private line"', "--json"))
    assert row["attributes"]["user.phoneNumber"] == "[removed]"
    assert row["attributes"]["phone"] == "kept"


def test_a_second_server_on_the_data_is_refused(server: Server) -> None:
    """One clear line, and the first goes on."""
    ports = ("--port", "0", "--otlp-http-port", "-1", "--otlp-grpc-port", "-1", "--statsd-port", "-1")
    assert "another Midwatch uses this directory" in server.cli("up", *ports, ok=False)
    assert "is ready" in server.cli("status")


def test_a_start_that_fails_is_one_clear_line(server: Server, tmp_path: Path) -> None:
    """A taken port and a data directory that cannot be made name themselves, without a traceback."""
    taken = server.url.rsplit(":", 1)[1]
    ports = ("--otlp-http-port", "-1", "--otlp-grpc-port", "-1", "--statsd-port", "-1", "--log-level", "error")
    told = server.cli("up", "--port", taken, *ports, ok=False, target=("--data", str(tmp_path / "other")))
    assert f"cannot listen on 127.0.0.1:{taken}" in told
    assert "Traceback" not in told
    (tmp_path / "file").write_text("")
    told = server.cli("up", "--port", "0", *ports, ok=False, target=("--data", str(tmp_path / "file" / "data")))
    assert told.startswith("midwatch: data=")
    assert "cannot make the directory" in told
