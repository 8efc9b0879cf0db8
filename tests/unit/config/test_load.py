"""Where settings come from, what they may be, and what is never shown."""

from pathlib import Path
from typing import Any

import pytest

from midwatch.server.config import FIELDS, Settings, SettingsError, load
from midwatch.server.config.machine import ENGINE_BYTES_MAX, ENGINE_BYTES_MIN, engine_memory_bytes, memory_bytes
from midwatch.server.config.values import mask_url
from midwatch.server.model.signal import Signal


def test_argument_before_environment_before_file_before_default(tmp_path: Path) -> None:
    """Each source is used where no earlier one has the setting, and says that it was."""
    (tmp_path / "midwatch.toml").write_text("port = 1\nhost = 'h'\nlog_level = 'debug'\n")
    environ = {"MIDWATCH_PORT": "2", "MIDWATCH_HOST": "g"}
    loaded = load({"data": str(tmp_path), "port": "3"}, environ)
    assert (loaded.settings.port, loaded.settings.host, loaded.settings.log_level) == (3, "g", "debug")
    assert loaded.settings.otlp_http_port == 4318
    sources = {name: loaded.origins[name].source for name in ("port", "host", "log_level", "otlp_http_port")}
    assert sources == {"port": "argument", "host": "environment", "log_level": "file", "otlp_http_port": "default"}
    assert loaded.origins["host"].detail == "MIDWATCH_HOST"
    assert loaded.origins.keys() == FIELDS.keys()


def test_the_file_may_be_named(tmp_path: Path) -> None:
    """`--config` and MIDWATCH_CONFIG name a file anywhere, which may set the data directory too."""
    file = tmp_path / "other.toml"
    file.write_text('data = "/somewhere"\n[retention]\ntraces = "1d"\n')
    assert load({}, {}, config=file).settings.data == Path("/somewhere")
    loaded = load({}, {"MIDWATCH_CONFIG": str(file)})
    assert loaded.settings.retention_days()[Signal.TRACES] == 1.0
    with pytest.raises(SettingsError, match="expected a file that exists"):
        load({}, {}, config=tmp_path / "none.toml")


WRONG: list[tuple[dict[str, str], str]] = [
    ({"port": "99999"}, "port=99999: expected 0–65535 (0 picks a free one)"),
    ({"port": "-1"}, "port=-1: expected 0–65535"),
    ({"otlp_http_port": "99999"}, "otlp_http_port=99999: expected 0–65535, or -1 for off"),
    ({"otlp_grpc_port": "x"}, "otlp_grpc_port=x: expected 0–65535, or -1 for off"),
    ({"otlp_http_port": "4400"}, "expected ports that differ"),
    ({"retention": "traces"}, "retention=traces: expected durations by signal"),
    ({"retention": "traces=7"}, "traces=7: expected a duration"),
    ({"retention": "tracs=7d"}, "expected durations by signal"),
    ({"store": "mysql://h/db"}, "store=mysql://h/db: expected chdb or clickhouse://"),
    ({"store": "clickhose://h/db"}, "expected chdb or clickhouse://"),
    ({"store": "chdb?cluster=main"}, "expected chdb alone: the embedded engine has no address, no options"),
    ({"database": "mysql://h/db"}, "expected sqlite or postgresql://"),
    ({"log_level": "loud"}, "log_level=loud: expected debug, info, warning or error"),
    ({"log_format": "xml"}, "expected auto, json or console"),
    ({"external_url": "midwatch.example.org"}, "expected a URL such as https://"),
    ({"trusted_proxies": "proxy.example"}, "such as 10.0.0.5,192.168.0.0/16; 'proxy.example' is neither"),
    ({"trusted_proxies": "10.0.0.300"}, "trusted_proxies=10.0.0.300: expected addresses and networks such as"),
    ({"trusted_proxies": "10.0.0.1,,10.0.0.2"}, "; '' is neither"),
    ({"trusted_proxies": "10.0.0.5/8"}, "10.0.0.5/8 has bits behind its prefix: did you mean 10.0.0.0/8?"),
    ({"trusted_proxies": "127.0.0.1, ::/0"}, "::/0 is everybody, who could then claim any address"),
    ({"private_networks": "10.0.0.0/8,here"}, "expected none, all, or networks such as 10.0.0.0/8,127.0.0.0/8: 'here'"),
    ({"memory": "1MiB"}, "expected at least 256MiB"),
    ({"wal_bytes_max": "lots"}, "expected a size such as"),
    ({"ahead": "1"}, "expected a duration"),
    ({"items_per_second": "0"}, "expected a number of items, 1 or more"),
    ({"host": " "}, "expected a text that is not empty"),
    ({"prt": "1"}, "prt: expected a setting; did you mean port?"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_each_wrong_value_says_what_was_expected(arguments: dict[str, str], message: str) -> None:
    """The message has the name, the value, what was expected, and where it came from."""
    with pytest.raises(SettingsError) as caught:
        load(arguments, {})
    assert message in str(caught.value)


def test_all_wrong_values_are_told_at_once() -> None:
    """One line a problem."""
    with pytest.raises(SettingsError) as caught:
        load({"port": "x"}, {"MIDWATCH_LOG_LEVEL": "x", "MIDWATCH_AHEAD": "x"})
    lines = str(caught.value).splitlines()
    assert [line.split("=")[0] for line in lines] == ["port", "log_level", "ahead"]
    assert "(MIDWATCH_LOG_LEVEL)" in lines[1]


def test_trusted_proxies_are_addresses_and_networks(tmp_path: Path) -> None:
    """Separated by commas, or a list in the settings file; none by default."""
    assert load({}, {}).settings.trusted_networks() == []
    networks = ["10.0.0.5/32", "192.168.0.0/16", "fd00::/8"]
    environ = {"MIDWATCH_TRUSTED_PROXIES": "10.0.0.5, 192.168.0.0/16,fd00::/8"}
    assert load({}, environ).settings.trusted_networks() == networks
    (tmp_path / "midwatch.toml").write_text('trusted_proxies = ["10.0.0.5", "192.168.0.0/16", "fd00::/8"]\n')
    assert load({"data": str(tmp_path)}, {}).settings.trusted_networks() == networks


def test_unknown_keys_of_the_file_are_errors(tmp_path: Path) -> None:
    """Each is named, with the nearest that exists."""
    (tmp_path / "midwatch.toml").write_text("otlp_htp_port = 1\nzzz = 2\ndata = 'x'\n")
    with pytest.raises(SettingsError) as caught:
        load({"data": str(tmp_path)}, {})
    told = str(caught.value)
    assert "otlp_htp_port: expected a setting; did you mean otlp_http_port?" in told
    assert "zzz: expected a setting" in told
    assert "data: expected outside of this file" in told


def test_a_broken_file_says_where(tmp_path: Path) -> None:
    """The place in the file is in the message."""
    (tmp_path / "midwatch.toml").write_text("port = \n")
    with pytest.raises(SettingsError, match="line 1"):
        load({"data": str(tmp_path)}, {})


def test_misspelt_variables_are_warnings() -> None:
    """A variable near a setting's is told; what Kubernetes sets for a service of our name does no harm."""
    environ = {"MIDWATCH_OTLP_HTP_PORT": "1", "MIDWATCH_PORT": "tcp://10.0.0.1:4400", "MIDWATCH_SERVICE_HOST": "x"}
    loaded = load({}, environ)
    assert loaded.settings.port == 4400
    assert len(loaded.warnings) == 2
    assert "did you mean MIDWATCH_OTLP_HTTP_PORT?" in loaded.warnings[0]
    assert "Kubernetes" in loaded.warnings[1]


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.from_file])
def test_secrets_come_from_files_too(name: str, tmp_path: Path) -> None:
    """`<NAME>_FILE` is read without its line end, and both at once are an error."""
    texts = {"store": "clickhouse://u:geheim@h/db", "database": "postgresql://u:geheim@h/db"}
    texts |= {"privacy_key": "k1:" + "geheim-" * 5, "wal_key": "w1:" + "geheim+/" * 5 + "geh="}
    text = texts.get(name, "geheim-genug")
    (tmp_path / "secret").write_text(text + "\n")
    variable = FIELDS[name].env
    loaded = load({}, {f"{variable}_FILE": str(tmp_path / "secret")})
    assert getattr(loaded.settings, name) == text
    assert loaded.origins[name].detail == f"{variable}_FILE"
    with pytest.raises(SettingsError, match="expected one of the two"):
        load({}, {f"{variable}_FILE": str(tmp_path / "secret"), variable: text})
    with pytest.raises(SettingsError, match="cannot read the file"):
        load({}, {f"{variable}_FILE": str(tmp_path / "none")})
    (tmp_path / "midwatch.toml").write_text(f"{name}_file = 'secret'\n")
    assert getattr(load({"data": str(tmp_path)}, {}).settings, name) == text


def test_no_secret_is_ever_shown() -> None:
    """Neither the representation, nor the fields' texts, nor an error has it."""
    environ = {
        "MIDWATCH_ADMIN_PASSWORD": "geheim-12345",
        "MIDWATCH_INGEST_KEY": "geheim-12345",
        "MIDWATCH_API_TOKEN": "geheim-12345",
        "MIDWATCH_WAL_KEY": "w1:" + "geheim+/" * 5 + "geh=",
        "MIDWATCH_STORE": "clickhouse://user:geheim-12345@host:8123/db?password=geheim-12345&secure=1",
        "MIDWATCH_DATABASE": "postgresql://user:geheim-12345@host/db",
    }
    settings = load({}, environ).settings
    shown = repr(settings) + str(settings) + "".join(f.shown(getattr(settings, n)) for n, f in FIELDS.items())
    assert "geheim" not in shown
    assert "user" in shown
    with pytest.raises(SettingsError) as caught:
        load({}, {"MIDWATCH_INGEST_KEY": "geheim", "MIDWATCH_STORE": "http://u:geheim@h"})
    assert "geheim" not in str(caught.value)
    with pytest.raises(ValueError, match="expected at least") as direct:
        Settings(ingest_key="geheim")
    assert "geheim" not in str(direct.value)


def test_settings_made_directly_are_judged_too() -> None:
    """The class itself refuses what cannot be."""
    with pytest.raises(ValueError, match="port=70000: expected 0–65535"):
        Settings(port=70000)
    assert Settings(port=0, otlp_http_port=-1, otlp_grpc_port=-1).port == 0


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("chdb", "chdb"),
        ("clickhouse://h/db", "clickhouse://h/db"),
        ("clickhouse://u@h/db", "clickhouse://u@h/db"),
        ("clickhouse://u:p@h:1/db", "clickhouse://u:••••••@h:1/db"),
        ("clickhouse://u:p#q@h/db", "clickhouse://••••••"),
        ("clickhouse://u:p/q@h/db", "clickhouse://••••••"),
        ("clickhouse://u:p?q@h/db", "clickhouse://••••••"),
        ("clickhouse://u:p@q@h/db", "clickhouse://u:••••••@h/db"),
        ("postgresql://u:p%40@h/db?sslmode=require", "postgresql://u:••••••@h/db?sslmode=require"),
    ],
)
def test_passwords_of_urls_are_masked(url: str, shown: str) -> None:
    """The rest of the URL stays readable."""
    assert mask_url(url) == shown


def test_memory_is_the_smaller_of_machine_and_control_group(tmp_path: Path) -> None:
    """`max` in the control group's file is no limit; nothing readable is 2 GiB."""
    meminfo, limit = tmp_path / "meminfo", tmp_path / "memory.max"
    meminfo.write_text("MemFree: 1 kB\nMemTotal:    2097152 kB\n")
    limit.write_text("1073741824\n")
    sources: Any = ((str(limit),), str(meminfo))
    assert memory_bytes(*sources) == 1 << 30
    limit.write_text("max\n")
    assert memory_bytes(*sources) == 2 << 30
    assert memory_bytes((), str(tmp_path / "none")) == 2 << 30
    assert ENGINE_BYTES_MIN <= engine_memory_bytes() <= ENGINE_BYTES_MAX


def test_retention_of_signals_not_named_stays_the_default() -> None:
    """`0` is for ever."""
    days = Settings(retention="logs=0,metrics=36h").retention_days()
    kept = {Signal.TRACES: 7.0, Signal.LOGS: 0.0, Signal.METRICS: 1.5, Signal.ERRORS: 90.0, Signal.EVENTS: 365.0}
    assert days == {**kept, Signal.DOMAIN_EVENTS: 400.0}
