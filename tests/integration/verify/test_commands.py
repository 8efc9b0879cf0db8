"""`midwatch init` and `midwatch verify` as people and CI call them, against a real server."""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

import httpx
import pytest
from click.testing import CliRunner, Result

from midwatch.cli.main import main, midwatch
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.verify.telling import BAD, GOOD, heartbeat, tell

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One on which both environments of the small system have arrived, without a plan."""
    started = Server(tmp_path_factory.mktemp("commands")).start()
    tell(started, GOOD, good=True)
    tell(started, BAD, good=False)
    heartbeat(started, GOOD)
    with started.api() as api:
        eventually(lambda: api.get("/api/v1/heartbeats").json()["heartbeats"])
        params = {"query": "service:intruder OR service:mailer"}
        eventually(lambda: len(api.get("/api/v1/logs", params=params).json()["rows"]) == 2)
        eventually(lambda: _arrived(api))
    yield started
    started.stop()


def _arrived(api: httpx.Client) -> bool:
    found = api.get("/prometheus/api/v1/query", params={"query": "health_check_up"}).json()["data"]["result"]
    return len(found) == 2 and len(api.get("/api/v1/services").json()["services"]) == 3


def call(server: Server, verb: str, *arguments: str) -> Result:
    return CliRunner().invoke(midwatch, [verb, *arguments, "--data", str(server.data)])


def test_init_writes_a_plan_that_what_arrived_fulfils(server: Server, tmp_path: Path) -> None:
    """It has what came, passes `check`, and `verify` on the same data finds nothing amiss of it."""
    directory = tmp_path / "observability"
    written = call(server, "init", str(directory), "--env", GOOD)
    assert written.exit_code == 0, written.output
    assert "3 services, 4 log events, 5 metrics" in written.output
    text = (directory / "midwatch.yml").read_text()
    assert "order.placed:\n    level: info\n    services: [api]\n    keys: {order_id: integer, plan: string}" in text
    assert "orders_total: {type: counter, labels: [plan]}" in text
    assert "nightly" in text
    checked = call(server, "check", str(directory))
    assert checked.exit_code == 0, checked.output
    applied = call(server, "apply", str(directory))
    assert applied.exit_code == 0, applied.output
    verified = call(server, "verify", "--env", GOOD, "--fail-on", "warning")
    assert verified.exit_code == 0, verified.output
    again = call(server, "init", str(directory))
    assert "is there already: --force overwrites it" in str(again.exception)
    assert call(server, "init", str(directory), "--force").exit_code == 0
    everything = call(server, "check", str(directory))
    assert everything.exit_code == 0, everything.output
    assert "intruder" in (directory / "midwatch.yml").read_text()


def test_without_a_server_init_writes_a_starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that `check` takes; a server that was named and does not answer is a failure."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIDWATCH_URL", raising=False)
    written = CliRunner().invoke(midwatch, ["init"])
    assert written.exit_code == 0, written.output
    assert "a starter, since no server was found" in written.output
    assert CliRunner().invoke(midwatch, ["check"]).exit_code == 0
    away = CliRunner().invoke(midwatch, ["init", "--force", "--url", "http://127.0.0.1:9", "--token", "t"])
    assert "cannot reach http://127.0.0.1:9" in str(away.exception)


def test_the_status_says_how_it_went(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 for what is as declared, 1 for findings of the severity that counts, 2 where nobody could look."""
    directory = tmp_path / "plan"
    assert call(server, "init", str(directory), "--env", GOOD).exit_code == 0
    assert call(server, "apply", str(directory)).exit_code in (0, 1)
    bad = call(server, "verify", "--env", BAD)
    assert bad.exit_code == 1
    assert "order.placed: order_id" in bad.output
    assert "found missing on" in bad.output
    assert "errors," in bad.output
    assert call(server, "verify", "--env", BAD, "--fail-on", "never").exit_code == 0
    with pytest.raises(SystemExit) as exited:
        main(["verify", "--url", "http://127.0.0.1:9", "--token", "t"])
    assert exited.value.code == 2
    assert "cannot reach" in capsys.readouterr().err


def test_the_report_comes_in_the_forms_of_ci(server: Server, tmp_path: Path) -> None:
    """JSON with all of it; JUnit with a case for each check and a failure for each finding that counts."""
    directory = tmp_path / "plan"
    assert call(server, "init", str(directory), "--env", GOOD).exit_code == 0
    call(server, "apply", str(directory))
    found = json.loads(call(server, "verify", "--env", BAD, "--format", "json").stdout)
    assert found["state"] == "done"
    suite = Xml.fromstring(call(server, "verify", "--env", BAD, "--format", "junit").stdout)
    assert suite.get("errors") == "0"
    assert [one.get("name") for one in suite] == [one["title"] for one in found["checks"]]
    assert len(suite.findall("testcase/failure")) == found["errors"]
    strict = call(server, "verify", "--env", BAD, "--format", "junit", "--fail-on", "warning").stdout
    assert len(Xml.fromstring(strict).findall("testcase/failure")) == found["errors"] + found["warnings"]
