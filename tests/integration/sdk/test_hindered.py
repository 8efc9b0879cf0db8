"""Whatever is wrong around it, the app goes on, and what is lost is counted: real processes, pipes and signals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.eventually import eventually
from tests.faults.small_disk import run_on_small_disk
from tests.integration.sdk.conftest import APPS, Process, Run, free_port
from tests.integration.sdk.heard import Heard
from tests.unit.sdk.sink import Sink

pytestmark = pytest.mark.thorough

HINDERED = f"{APPS}.hindered"
PROMISE = "went on"


def losses(heard: Heard) -> dict[tuple[str, str], float]:
    points = heard.points("midwatch_sdk_dropped_total")
    return {(one.labels["what"], one.labels["reason"]): one.value for one in points}


def start(sink: Sink, *how: str, stdout: int, stderr: int) -> "subprocess.Popen[bytes]":
    environment = {"SERVICE_NAME": "shop", "LOG_FORMAT": "json", "MIDWATCH_DSN": sink.url.replace("://", "://key@")}
    return subprocess.Popen(
        [sys.executable, "-m", HINDERED, *how], env={**os.environ, **environment}, stdout=stdout, stderr=stderr
    )


@pytest.mark.parametrize("how", ["stdout_not_read", "stdout_closed", "stderr_not_read"])
def test_an_app_whose_output_goes_nowhere_goes_on(how: str, sink: Sink, heard: Heard, tmp_path: Path) -> None:
    """Its records are sent all the same, the lines that nobody read are counted."""
    done = tmp_path / "done"
    reading, writing = os.pipe()
    try:
        process = start(sink, how, str(done), stdout=writing, stderr=writing if how == "stderr_not_read" else -3)
        eventually(lambda: done.exists() and done.read_text() == PROMISE, seconds=40)
        assert process.wait(30) == 0
    finally:
        os.close(writing)
        os.close(reading)
    assert len(heard.lines("told")) + losses(heard).get(("logs", "queue_full"), 0) == (
        8000 if how == "stdout_not_read" else 10
    )
    expected = {
        "stdout_not_read": ("lines", "not_read"),
        "stdout_closed": ("lines", "closed"),
        "stderr_not_read": ("measurements", "negative"),
    }
    assert losses(heard)[expected[how]] >= 1


def test_a_log_file_on_a_full_disk_costs_its_lines_alone(run: Run, heard: Heard) -> None:
    process = run(HINDERED, "until_stopped", LOG_FILE="/dev/full")
    eventually(lambda: "ready" in process.output())
    eventually(lambda: losses(heard).get(("lines", "log_file")) == 5)
    process.stop()
    assert len(heard.lines("told")) == 5
    assert "dropped 1 lines (log_file): OSError: [Errno 28] No space left on device" in process.output()


def test_a_frozen_process_has_sent_before_and_sends_after(run: Run, heard: Heard) -> None:
    """As functions are that the cloud freezes between two calls: SIGSTOP and SIGCONT, three times."""
    process = run(HINDERED, "frozen")
    for number in range(1, 4):
        eventually(lambda: stopped(process) and process.output().count("asked\n"), seconds=30)
        assert len(heard.lines("told")) == number - 1
        process.popen.send_signal(signal.SIGCONT)
        eventually(lambda: stopped(process) and process.output().endswith("flushed True True\nasked\n"))
        assert len(heard.lines("told")) == number
    process.popen.kill()


def test_a_frozen_process_whose_server_is_away_waits_for_its_time_at_most(run: Run) -> None:
    process = run(HINDERED, "frozen", MIDWATCH_DSN="http://key@127.0.0.1:1")
    eventually(lambda: stopped(process), seconds=30)
    process.popen.send_signal(signal.SIGCONT)
    eventually(lambda: "flushed False True" in process.output())
    process.popen.kill()


def stopped(process: Process) -> bool:
    return Path(f"/proc/{process.popen.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_what_a_stopped_process_could_not_send_the_next_one_does(
    run: Run, sink: Sink, heard: Heard, tmp_path: Path
) -> None:
    """Two that share the directory, stopped while the server was away, and one that comes when it is back."""
    sink.check = lambda _: 503
    buffer = tmp_path / "var" / "midwatch"
    before = [run(HINDERED, "until_stopped", MIDWATCH_BUFFER=str(buffer)) for _ in range(2)]
    for one in before:
        eventually(lambda one=one: "ready" in one.output())
        one.popen.send_signal(signal.SIGTERM)
    for one in before:
        assert one.popen.wait(30) == -signal.SIGTERM
        assert "dropped" not in one.output()
    kept = list(buffer.rglob("*.mwb"))
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    sink.requests.clear()
    sink.check = lambda _: 200
    after = run(HINDERED, "until_stopped", MIDWATCH_BUFFER=str(buffer))
    eventually(lambda: len(heard.lines("told")) == 15)
    eventually(lambda: not list(buffer.rglob("*.mwb")))
    after.stop()
    assert len(heard.lines("told")) == 15
    assert len({one.resource["service.instance.id"] for one in heard.lines("told")}) == 3


def test_a_full_disk_is_counted_and_holds_nobody_up(tmp_path: Path) -> None:
    """A real one, of one MiB: the buffer's bound is larger than what there is."""
    run_on_small_disk("tests.integration.sdk.apps.filling", tmp_path, "1m", seconds=60)


def test_a_buffer_that_cannot_be_is_refused_at_init(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    process = run(HINDERED, "until_stopped", MIDWATCH_BUFFER=str(tmp_path / "file"))
    assert process.popen.wait(30) == 1
    assert f"ConfigurationError: buffer='{tmp_path}/file': cannot write there: File exists" in process.output()


def test_greenlets_go_on_while_it_sends(run: Run, heard: Heard, tmp_path: Path) -> None:
    """gevent patches threads, locks and sockets: each greenlet keeps its own ids, and none is held up."""
    done = tmp_path / "done"
    process = run(HINDERED, "with_greenlets", str(done))
    assert process.popen.wait(60) == 0, process.output()
    assert done.read_text() == PROMISE
    lines = heard.lines("greenlet told")
    assert sorted(one.attributes["number"] for one in lines) == list(range(20))
    assert {one.attributes["job_id"] == str(one.attributes["number"]) for one in lines} == {True}
    assert len({one.attributes["correlation_id"] for one in lines}) == 20


@pytest.mark.parametrize("preload", [True, False], ids=["preload", "each for itself"])
def test_gunicorn_with_gevent(preload: bool, run: Run, heard: Heard) -> None:
    """With `--preload` the app is set up before anything is patched; its workers send all the same."""
    port = free_port()
    app = run(
        "gunicorn",
        *(("--preload",) if preload else ()),
        "--worker-class=gevent",
        "--workers=2",
        f"--bind=127.0.0.1:{port}",
        f"{APPS}.flasked:app",
        listens_at=port,
        OTEL_METRIC_EXPORT_INTERVAL="60000",
    )
    for number in range(20):
        assert httpx.get(f"{app.url}/items/{number}").status_code == 200
    eventually(lambda: len(heard.spans("GET /items/<item_id>")) == 20)
    assert app.stop() == 0, app.output()
    served = heard.spans("GET /items/<item_id>")
    assert len({one.span_id for one in served}) == len(served) == 20
    assert sum(one.value for one in heard.points("http_requests_total", status="200")) == 20
