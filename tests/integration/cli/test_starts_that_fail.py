"""Starts that cannot be: one line that names the mistake and the next step, no traceback, and little left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = pytest.mark.faults

OFF = {"port": "0", "otlp-http-port": "-1", "otlp-grpc-port": "-1", "statsd-port": "-1"}
NO_PRIVILEGE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""Modes of files bind root too."""


def up(data: Path, *options: str, before: list[str] | None = None, status: int = 1, **ports: str) -> str:
    """What `midwatch up` prints last when it cannot start."""
    given = [part for name, port in {**OFF, **ports}.items() for part in (f"--{name.replace('_', '-')}", port)]
    command = [*(before or []), sys.executable, "-m", "midwatch", "up", "--data", str(data), *given, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    last = done.stderr.rstrip().splitlines()[-1]
    assert last.startswith("midwatch: "), done.stderr
    return last


@pytest.fixture
def taken() -> Iterator[str]:
    """A port on which somebody listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield str(listening.getsockname()[1])


@pytest.mark.parametrize("setting", ["port", "otlp_http_port", "otlp_grpc_port"])
def test_a_taken_port_is_named_before_anything_is_opened(tmp_path: Path, taken: str, setting: str) -> None:
    """HTTP and gRPC alike: the setting, the port, what may have it, and what to do; no store and no users are made."""
    told = up(tmp_path / "data", **{setting: taken})
    assert f"{setting}={taken}: cannot listen on 127.0.0.1:{taken}: Address already in use" in told
    assert "perhaps a Midwatch that runs already" in told
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"midwatch.lock"}


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_a_host_that_is_not_here_is_named(tmp_path: Path, host: str) -> None:
    """An address of another machine, and a name that nobody knows."""
    told = up(tmp_path / "data", "--host", host)
    assert f"host={host}: cannot listen" in told
    assert "give an address of this machine" in told


def test_a_data_directory_that_may_not_be_written_says_whose_it_is(tmp_path: Path) -> None:
    """The directory itself, or what an earlier start as another user left in it."""
    data = tmp_path / "data"
    data.mkdir(mode=0o500)
    told = up(data, before=NO_PRIVILEGE)
    assert f"data={data}: cannot write {data}: it belongs to user {os.getuid()}, mode 500" in told
    data.chmod(0o700)
    (data / "wal").mkdir(mode=0o500)
    assert f"cannot write {data / 'wal'}" in up(data, before=NO_PRIVILEGE)
    (data / "wal").chmod(0o700)
    (data / "workspace.db").touch(mode=0o400)
    assert f"cannot write {data / 'workspace.db'}" in up(data, before=NO_PRIVILEGE)


def test_others_files_in_the_data_directory_do_not_matter(tmp_path: Path, taken: str) -> None:
    """The `lost+found` of a disk is root's: the start goes on to what is wrong with it."""
    (tmp_path / "data" / "lost+found").mkdir(mode=0o000, parents=True)
    assert "Address already in use" in up(tmp_path / "data", before=NO_PRIVILEGE, port=taken)


def test_a_read_only_disk_is_called_that(tmp_path: Path) -> None:
    """A tmpfs of the test's own, mounted for reading."""
    alone = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    mount = f'mount -t tmpfs -o ro none "{tmp_path}" && exec "$@"'
    told = up(tmp_path, before=[*alone, "sh", "-c", mount, "sh"])
    assert f"data={tmp_path}: cannot write {tmp_path}: its disk is read-only" in told


def test_a_workspace_that_is_no_database_is_named(tmp_path: Path) -> None:
    """SQLite's own words, and which settings to look at."""
    (tmp_path / "workspace.db").write_text("no database at all, but long enough to be looked at as one" * 20)
    told = up(tmp_path)
    assert "cannot open the workspace database: file is not a database; see --database and --data" in told


def test_a_postgresql_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    """Refused: the driver's reason, and not the URL."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        told = up(tmp_path, "--database", f"postgresql://u:geheim@127.0.0.1:{closed.getsockname()[1]}/db")
    assert "cannot open the workspace database: connection" in told
    assert "geheim" not in told


def test_a_second_start_on_the_directory_is_told_so_first(server: Server) -> None:
    """Same directory and same ports: the directory is what matters."""
    port = server.url.rsplit(":", 1)[1]
    assert "another Midwatch uses this directory" in up(server.data, port=port)


def test_who_never_saw_the_sign_in_link_gets_another(tmp_path: Path) -> None:
    """A first start that ended before its link was printed, or whose output is lost: the next one prints a link."""
    server = Server(tmp_path / "data").start()

    def links() -> list[str]:
        lines = [line for line in server.output().splitlines() if '"midwatch.sign_in"' in line]
        return [json.loads(line)["link"] for line in lines]

    eventually(lambda: len(links()) == 1)
    server.kill()
    server.start()
    found = eventually(lambda: links() if len(links()) == 2 else None)
    token = found[-1].rpartition("token=")[2]
    with server.api(None) as api:
        assert api.post("/api/v1/auth/link", json={"token": token}).status_code == 200
    server.kill()
    server.start()
    assert len(links()) == 2
    server.stop()


def test_what_a_killed_server_left_is_told_and_started_on(own_server: Server) -> None:
    """kill -9: verbs say that it does not run, and the next start needs no help."""
    assert own_server.process is not None
    own_server.process.send_signal(signal.SIGKILL)
    own_server.process.wait()
    for verb in (["status"], ["dead-letters", "list"], ["backup"]):
        command = [sys.executable, "-m", "midwatch", *verb, "--data", str(own_server.data)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1
        assert "is it running? Start it with `midwatch up`" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
    own_server.start()
    with own_server.api() as api:
        eventually(lambda: api.get("/ready").status_code == 200, seconds=30)


@pytest.mark.parametrize("verb", [["dead-letters", "show"], ["keys", "revoke"], ["tokens", "revoke"]])
def test_an_id_that_is_none_names_the_verb_that_lists_them(server: Server, verb: list[str]) -> None:
    """And never becomes another path of the API."""
    for wrong in ("nope", "../users"):
        command = [sys.executable, "-m", "midwatch", *verb, wrong, "--data", str(server.data)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1
        assert f"{wrong}: expected an id, as `midwatch {verb[0]} list` shows them" in done.stderr
