"""The command line without a server: verbs, help, settings, checks of plans, and failures in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from midwatch._version import __version__
from midwatch.cli import demo
from midwatch.cli.failure import Failure
from midwatch.cli.main import VERBS, main, midwatch
from midwatch.cli.parts import PartFailed
from midwatch.cli.tables import bytes_text, cell, printable
from midwatch.cli.target import SERVER_FILE, find_target
from midwatch.server.config import FIELDS


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, and a directory of its own."""
    for name in list(os.environ):
        if name.startswith("MIDWATCH_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(midwatch, arguments)


def failed(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 1) -> str:
    """What a verb that fails prints: its status, one line to standard error."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == status
    return capsys.readouterr().err


def commands() -> dict[str, click.Command]:
    """Every verb, those of groups included."""
    found: dict[str, click.Command] = {}
    for name in VERBS:
        command = midwatch.get_command(click.Context(midwatch), name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}": one for inner, one in command.commands.items()}
    return found


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_verb_and_option_has_help(name: str) -> None:
    """Help is there for the verb and for each of its options."""
    command = commands()[name]
    assert command.help
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help and not one.is_eager] == []
    assert run(*name.split(), "--help").exit_code == 0


def test_the_list_of_verbs_says_what_each_says() -> None:
    """The quick list repeats the first line of each verb's own help."""
    for name, (_, line) in VERBS.items():
        assert (commands()[name].help or "").splitlines()[0] == line
        assert line in run("--help").output


def test_help_imports_nothing_of_the_server() -> None:
    """`midwatch --help` and the version load click and our own few files, so they are quick."""
    program = (
        "import sys\nfrom midwatch.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = [n for n in ('pydantic', 'httpx', 'fastapi', 'yaml', 'midwatch.server') if n in sys.modules]\n"
        "sys.exit(f'{heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_version() -> None:
    """Both spellings."""
    assert run("--version").output == f"midwatch {__version__}\n"
    assert run("version").output == f"{__version__}\n"


def test_config_says_what_is_in_force_and_from_where(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting with its source; secrets masked, in the table and as JSON."""
    monkeypatch.setenv("MIDWATCH_INGEST_KEY", "geheim-12345")
    monkeypatch.setenv("MIDWATCH_STORE", "clickhouse://u:geheim-12345@h:8123/db")
    table = run("config", "--port", "0").output
    assert "geheim" not in table
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines()}
    assert rows["port"] == ["0", "argument", "--port"]
    assert rows["ingest_key"] == ["••••••", "environment", "MIDWATCH_INGEST_KEY"]
    assert rows["host"] == ["127.0.0.1", "default"]
    told = json.loads(run("config", "--port", "0", "--json").output)["settings"]
    assert [one["name"] for one in told] == list(FIELDS)
    assert "geheim" not in json.dumps(told)
    assert next(one for one in told if one["name"] == "store")["value"] == "clickhouse://u:••••••@h:8123/db"


def test_up_has_an_option_for_each_setting_but_secrets() -> None:
    """Secrets never come from a command line."""
    options = {one.name for one in commands()["up"].params}
    assert {name for name, field in FIELDS.items() if field.flag} <= options
    assert not {"admin_password", "ingest_key", "api_token"} & options


def test_settings_that_cannot_be_are_told_together(capsys: pytest.CaptureFixture[str]) -> None:
    """`up` does not start, and says every reason."""
    told = failed(capsys, "up", "--port", "99999", "--log-level", "x", status=2)
    assert "port=99999: expected 0–65535" in told
    assert "log_level=x: expected debug" in told


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("clickhouse://db?clutser=x", "store: unknown option 'clutser': did you mean cluster?"),
        ("clickhouse://db:99999", "store: the port is not a number from 1 to 65535"),
        ("clickhouse://", "store: no host is named"),
        ("clickhouses://db?ca=/nowhere.pem", "store: ca=/nowhere.pem: expected a file of certificates"),
        ("chdb?cluster=x", "expected chdb alone"),
    ],
)
@pytest.mark.parametrize("verb", ["up", "config"])
def test_a_store_that_cannot_be_is_told_before_anything_is_made(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: str, store: str, said: str
) -> None:
    """Status 2, the option and what to write instead; no data directory, no log line."""
    told = failed(capsys, verb, "--data", str(tmp_path / "data"), "--store", store, status=2)
    assert told.startswith("midwatch: store")
    assert said in told
    assert not (tmp_path / "data").exists()


def test_check_prints_places_and_fails(tmp_path: Path) -> None:
    """file:line:column: message on standard error, status 1; as JSON on request."""
    plan = tmp_path / "observability"
    plan.mkdir()
    (plan / "midwatch.yml").write_text("services:\n  api: {ownr: x}\n")
    result = run("check")
    assert result.exit_code == 1
    assert result.stderr.startswith("observability/midwatch.yml:2:9: ownr: unknown key; expected one of owner")
    told = json.loads(run("check", str(plan), "--json").stdout)
    assert not told["ok"]
    assert told["problems"][0]["line"] == 2
    (plan / "midwatch.yml").write_text("services:\n  api: {owner: x}\n")
    assert run("check").output == "observability: the plan is good\n"


def test_check_without_a_plan_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """The directory is named, and the file that it should hold."""
    assert "cannot read the plan observability: expected a directory that holds midwatch.yml" in failed(capsys, "check")


def test_schema_is_json() -> None:
    """It can be piped into a file."""
    assert json.loads(run("schema").output)["type"] == "object"


def test_a_target_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments, then the environment, then the data directory; `--data` goes before the environment."""
    data = tmp_path / "midwatch-data"
    data.mkdir()
    (data / SERVER_FILE).write_text('{"url": "http://file:1/", "token": "f"}')
    assert find_target(None, None, None).url == "http://file:1"
    monkeypatch.setenv("MIDWATCH_URL", "http://env:1")
    monkeypatch.setenv("MIDWATCH_API_TOKEN", "e")
    assert (find_target(None, None, None).url, find_target(None, None, None).token) == ("http://env:1", "e")
    assert find_target("http://arg:1", "a", None).token == "a"
    assert find_target(None, None, data).url == "http://file:1"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_target(None, None, Path("~/midwatch-data")).url == "http://file:1"


def test_targets_that_cannot_be_found_say_the_next_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No server, no token, a broken file, nobody listening, no URL."""
    assert "start one with `midwatch up`" in failed(capsys, "status")
    assert "give --token or MIDWATCH_API_TOKEN" in failed(capsys, "status", "--url", "http://127.0.0.1:1")
    (tmp_path / SERVER_FILE).write_text("{")
    assert "give --url and --token" in failed(capsys, "status", "--data", str(tmp_path))
    assert "is it running? Start it with" in failed(capsys, "status", "--url", "http://127.0.0.1:1", "--token", "x")
    assert "expected a URL such as" in failed(capsys, "status", "--url", "nonsense", "--token", "x")


def test_a_target_does_not_show_its_token() -> None:
    """Tracebacks and debuggers print representations."""
    with pytest.raises(Failure):
        find_target("http://h", None, None)
    assert "geheim" not in repr(find_target("http://h", "geheim", None))


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), ("", "-"), (True, "yes"), ([], "-"), (["a", "b"], "a, b"), ("x\x1b[31m", "x\\x1b[31m"), (0, "0")],
)
def test_cells(value: object, shown: str) -> None:
    """What other people sent cannot steer the terminal."""
    assert cell(value) == shown


def test_long_cells_are_cut_and_sizes_readable() -> None:
    """A table stays a table."""
    assert len(cell("x" * 1000)) == 100
    assert printable("ä\n") == "ä\\n"
    assert [bytes_text(1), bytes_text(2048), bytes_text(3 << 30)] == ["1 B", "2.0 KiB", "3.0 GiB"]


def test_the_demo_names_the_packages_it_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A pip command to copy, before anything is started or written."""
    monkeypatch.setitem(demo.EXAMPLE_PACKAGES, "opentelemetry.nowhere.fastapi", "opentelemetry-instrumentation-x")
    with pytest.raises(PartFailed, match=r"pip install opentelemetry-instrumentation-x$"):
        demo.run_demo(data=tmp_path / "demo", port=0, visits_per_second=1)
    assert not (tmp_path / "demo").exists()


def test_the_demo_names_a_directory_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, as `up` says it."""
    (tmp_path / "file").touch()
    told = failed(capsys, "demo", "--data", str(tmp_path / "file" / "data"))
    assert "cannot make the directory: Not a directory; choose another" in told
