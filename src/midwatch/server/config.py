"""Settings: one frozen class; argument > environment > file > default; unknown names are errors that say so."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import psutil

from midwatch.server.model.errors import BadRequest
from midwatch.server.model.signal import Signal

PREFIX = "MIDWATCH_"
FILE_NAME = "midwatch.toml"
_RETENTION = re.compile(r"(traces|logs|metrics)=(\d+(?:\.\d+)?)(d|h|w)?")
_HOURS = {"h": 1 / 24, "d": 1.0, "w": 7.0, None: 1.0}


class BadSetting(BadRequest):
    """A setting that cannot be: the message names it, its value, and what was expected."""


def setting(default: Any, help_text: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help_text, "secret": secret}, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What `midwatch up` runs with."""

    data: Path = setting(Path("midwatch-data"), "directory for everything that is kept")
    host: str = setting("127.0.0.1", "address to listen on")
    port: int = setting(4400, "page, API and all doors; 0 picks one")
    otlp_http_port: int = setting(4318, "OTLP over HTTP; 0 picks one, -1 turns it off")
    otlp_grpc_port: int = setting(4317, "OTLP over gRPC; 0 picks one, -1 turns it off")
    retention: str = setting("traces=7d,logs=14d,metrics=90d", "how long each signal is kept; 0 is for ever")
    store: str = setting("chdb", "chdb (embedded) or clickhouse://user:password@host:8123/database", secret=True)
    database: str = setting("sqlite", "sqlite (in the data directory) or postgresql://…", secret=True)
    memory: int = setting(0, "bytes for the embedded engine's queries; 0 takes 40 % of the machine's or cgroup's")
    wal_bytes_max: int = setting(1 << 30, "bytes that may wait for the store before senders get 429")
    disk_reserve: int = setting(1 << 29, "free bytes below which new data is refused with 503")
    ahead: int = setting(86_400, "seconds an item may lie in the future before it is set aside")
    external_url: str = setting("", "address under which people reach the page; default http://host:port")
    log_format: str = setting("console", "console or json")
    admin_password: str = setting("", "fixes the admin's password", secret=True)
    ingest_key: str = setting("", "fixes the first ingest key", secret=True)
    api_token: str = setting("", "fixes an admin's API token", secret=True)

    def __post_init__(self) -> None:
        for name in ("port", "otlp_http_port", "otlp_grpc_port"):
            lowest = 0 if name == "port" else -1
            if not lowest <= getattr(self, name) <= 65535:
                off = "" if name == "port" else ", or -1 for off"
                raise BadSetting(f"{name}={getattr(self, name)}: expected 0–65535{off}")
        if self.log_format not in ("console", "json"):
            raise BadSetting(f"log_format={self.log_format}: expected console or json")
        if self.store != "chdb" and not self.store.startswith(("clickhouse://", "clickhouses://")):
            raise BadSetting("store: expected chdb or clickhouse://user:password@host:8123/database")
        if self.database != "sqlite" and not self.database.startswith(("postgresql://", "postgres://", "sqlite:")):
            raise BadSetting("database: expected sqlite or postgresql://user:password@host/name")
        for name in ("ingest_key", "api_token", "admin_password"):
            if (value := getattr(self, name)) and len(value) < 10:
                raise BadSetting(f"{name}: expected at least 10 characters")
        self.retention_days()

    def retention_days(self) -> dict[Signal, float]:
        """Days by signal; what is not named keeps its default."""
        days = {Signal.TRACES: 7.0, Signal.LOGS: 14.0, Signal.METRICS: 90.0}
        for part in filter(None, self.retention.replace(" ", "").split(",")):
            match = _RETENTION.fullmatch(part)
            if match is None:
                raise BadSetting(f"retention={part!r}: expected traces=7d,logs=14d,metrics=90d; 0 keeps for ever")
            days[Signal(match[1])] = float(match[2]) * _HOURS[match[3]]
        return days

    def memory_bytes(self) -> int:
        return self.memory or max(400 << 20, int(machine_memory_bytes() * 0.4))


def machine_memory_bytes() -> int:
    """The smaller of the machine's memory and the cgroup's bound."""
    total = int(psutil.virtual_memory().total)
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            return min(total, int(Path(path).read_text()))
        except (OSError, ValueError):
            continue
    return total


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value in force comes from, for `midwatch config`."""

    name: str
    value: str
    source: str
    help: str


def load(
    arguments: Mapping[str, Any], environment: Mapping[str, str] = os.environ, *, file: Path | None = None
) -> tuple[Settings, list[Origin]]:
    """Join all sources.

    Raises:
        BadSetting: an unknown name or a value that cannot be.
    """
    known = {item.name: item for item in fields(Settings)}
    data = Path(arguments.get("data") or environment.get(f"{PREFIX}DATA") or known["data"].default)
    path = file or data / FILE_NAME
    from_file = _read_file(path, known, must_exist=file is not None)
    values: dict[str, Any] = {}
    origins = []
    for name, item in known.items():
        variable = PREFIX + name.upper()
        if arguments.get(name) is not None:
            value, source = arguments[name], f"--{name.replace('_', '-')}"
        elif variable in environment:
            value, source = environment[variable], variable
        elif f"{variable}_FILE" in environment:
            value, source = _read_secret(environment[f"{variable}_FILE"], variable), f"{variable}_FILE"
        elif name in from_file:
            value, source = from_file[name], str(path)
        else:
            value, source = item.default, "default"
        values[name] = _converted(name, value, type(item.default))
        shown = "********" if item.metadata["secret"] and source != "default" else str(values[name])
        origins.append(Origin(name, shown, source, item.metadata["help"]))
    return Settings(**values), origins


def _read_file(path: Path, known: Mapping[str, Any], *, must_exist: bool) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text())
    except FileNotFoundError:
        if must_exist:
            raise BadSetting(f"cannot read {path}: no such file") from None
        return {}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadSetting(f"cannot read {path}: {error}") from None
    found = {name.replace("-", "_"): value for name, value in found.items()}
    if unknown := sorted(found.keys() - known.keys()):
        raise BadSetting(f"{path}: unknown setting {unknown[0]!r}; expected one of {', '.join(known)}")
    return found


def _read_secret(path: str, variable: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise BadSetting(f"{variable}_FILE={path}: {error.strerror}") from None


def _converted(name: str, value: Any, kind: type) -> Any:
    if kind is int:
        try:
            return int(value)
        except (TypeError, ValueError):
            raise BadSetting(f"{name}={value!r}: expected a whole number") from None
    return Path(value) if issubclass(kind, Path) else str(value)
