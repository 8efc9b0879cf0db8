"""The settings themselves, in one place: type, default, help, and what a valid value is."""

# ruff: noqa: RUF009 - `setting` is `dataclasses.field` with more to say

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from midwatch.contract.duration import format_bytes, format_duration, parse_bytes, parse_duration
from midwatch.contract.privacy_hashing import HashKeys
from midwatch.server.config import values
from midwatch.server.config.machine import engine_memory_bytes
from midwatch.server.config.values import RETENTION_DEFAULT
from midwatch.server.model.signal import Signal
from midwatch.server.model.wal_keys import NO_KEYS, WalKeys

META = "midwatch"
MIB = 1 << 20
PORT_EXPECTED = "0–65535, or -1 for off"
MAIN_PORT_EXPECTED = "0–65535 (0 picks a free one)"


@dataclass(frozen=True, slots=True)
class Meta:
    help: str
    parse: Callable[[str], Any]
    show: Callable[[Any], str]
    metavar: str
    masked: Literal["no", "all", "url"]
    default_text: str | None


def setting(
    help: str,
    parse: Callable[[str], Any],
    *,
    metavar: str,
    default: Any = None,
    default_factory: Callable[[], Any] | None = None,
    show: Callable[[Any], str] = values.show_plain,
    masked: Literal["no", "all", "url"] = "no",
    default_text: str | None = None,
) -> Any:
    """A field of `Settings`."""
    meta = {META: Meta(help, parse, show, metavar, masked, default_text)}
    if default_factory is not None:
        return field(default_factory=default_factory, metadata=meta)
    return field(default=default, metadata=meta)


def _bytes(lowest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        count = parse_bytes(text)
        if count < lowest:
            raise ValueError(f"expected at least {format_bytes(lowest)}")
        return count

    return parse


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """Everything that can be set. Construct it directly in tests, or with `load` from all sources.

    Raises ValueError with one `<name>=<value>: expected <what>` a line.
    """

    data: Path = setting(
        "Directory of everything Midwatch keeps; made when it is not there.",
        values.path,
        metavar="DIR",
        default=Path("midwatch-data"),
    )
    host: str = setting("Address to listen on; 0.0.0.0 for all.", values.text, metavar="ADDRESS", default="127.0.0.1")
    port: int = setting(
        "Port of page, API and doors; 0 picks one.",
        values.integer(0, 65535, MAIN_PORT_EXPECTED),
        metavar="PORT",
        default=4400,
    )
    otlp_http_port: int = setting(
        "Port of OTLP over HTTP; 0 picks one, -1 is off.",
        values.integer(-1, 65535, PORT_EXPECTED),
        metavar="PORT",
        default=4318,
    )
    otlp_grpc_port: int = setting(
        "Port of OTLP over gRPC; 0 picks one, -1 is off.",
        values.integer(-1, 65535, PORT_EXPECTED),
        metavar="PORT",
        default=4317,
    )
    statsd_port: int = setting(
        "UDP port of DogStatsD; 0 picks one, -1 is off. It has no keys: whoever reaches it may write.",
        values.integer(-1, 65535, PORT_EXPECTED),
        metavar="PORT",
        default=8125,
    )
    statsd_socket: Path | None = setting(
        "Unix datagram socket of DogStatsD, such as /var/run/datadog/dsd.socket.",
        values.path,
        metavar="PATH",
    )
    statsd_stream_socket: Path | None = setting(
        "Unix stream socket of DogStatsD.",
        values.path,
        metavar="PATH",
    )
    own_metrics: float = setting(
        "How often Midwatch's own /metrics are kept as series of the job midwatch; 0: not at all.",
        values.duration_or_none(1, 3600),
        metavar="DURATION",
        default=30.0,
        show=format_duration,
    )
    statsd_flush: float = setting(
        "How long DogStatsD is added up before it is taken in.",
        values.duration_between(0.1, 3600),
        metavar="DURATION",
        default=10.0,
        show=format_duration,
    )
    statsd_key: str = setting(
        "Ingest key under which DogStatsD is taken in, for its project, environment and rate; else project 1.",
        values.secret_of(8),
        metavar="SECRET",
        default="",
        masked="all",
    )
    plan: Path | None = setting(
        "Directory of the plan (`observability/`); applied at start and whenever it changes.",
        values.path,
        metavar="DIR",
    )
    scrape_files: str = setting(
        "Directories, besides the plan's, whose files its `scrape_configs` may read: targets, secrets, certificates.",
        values.paths,
        metavar="DIR,…",
        default="",
    )
    private_networks: str = setting(
        "Private networks that probes and notifications may reach, besides the Internet: none, all, or networks.",
        values.private_networks,
        metavar="none|all|CIDR,…",
        default="none",
    )
    retention: str = setting(
        "How long each signal is kept, by signal; 0 is for ever. The plan's `retention` goes before it.",
        values.retention,
        metavar="traces=7d,logs=14d,metrics=90d",
        default=RETENTION_DEFAULT,
    )
    replays: float = setting(
        "How long session replays are kept; 0 is for ever. The plan's `retention` goes before it.",
        values.duration_or_none(3600, 10 * 366 * 86_400),
        metavar="DURATION",
        default=30 * 86_400.0,
        show=format_duration,
    )
    replays_bytes_max: int = setting(
        "What session replays may take up together; beyond it the oldest are forgotten.",
        _bytes(MIB),
        metavar="BYTES",
        default=8192 * MIB,
        show=format_bytes,
    )
    handler_runs: float = setting(
        "How long failed runs of handlers are kept after they failed last; 0 is for ever.",
        values.duration_or_none(3600, 10 * 366 * 86_400),
        metavar="DURATION",
        default=30 * 86_400.0,
        show=format_duration,
    )
    handler_runs_per_hour: int = setting(
        "Failed runs that one service may tell of anew an hour, and ten times as many of all; more wait in the app.",
        values.integer(1, None, "a number of runs, 1 or more"),
        metavar="NUMBER",
        default=2000,
    )
    handler_apps: int = setting(
        "Apps that may ask for orders to replay at once, each with a connection; others are told to ask again.",
        values.integer(1, None, "a number of apps, 1 or more"),
        metavar="NUMBER",
        default=500,
    )
    dead_letters: float = setting(
        "How long dead letters are kept, which hold what could not be stored as it was sent; 0 is for ever.",
        values.duration_or_none(60, 10 * 366 * 86_400),
        metavar="DURATION",
        default=14 * 86_400.0,
        show=format_duration,
    )
    store: str = setting(
        "Where telemetry is kept: the embedded engine, or a ClickHouse server or cluster.",
        values.store,
        metavar="chdb|clickhouse://…",
        default="chdb",
        masked="url",
    )
    database: str = setting(
        "Where users, keys and the audit log are kept: a file in the data directory, or PostgreSQL.",
        values.database,
        metavar="sqlite|postgresql://…",
        default="sqlite",
        masked="url",
    )
    log_level: str = setting(
        "What Midwatch says about itself: debug, info, warning or error.",
        values.choice("debug", "info", "warning", "error"),
        metavar="LEVEL",
        default="info",
    )
    log_format: str = setting(
        "json, console, or auto: console on a terminal.",
        values.choice("auto", "json", "console"),
        metavar="FORMAT",
        default="auto",
    )
    external_url: str = setting(
        "Address at which browsers reach Midwatch, for links; set it behind a proxy.",
        values.web_url,
        metavar="URL",
        default="",
    )
    trusted_proxies: str = setting(
        "Proxies in front of Midwatch, whose X-Forwarded-For and X-Forwarded-Proto are believed; nobody else's are.",
        values.proxies,
        metavar="ADDRESS|CIDR,…",
        default="",
    )
    memory: int = setting(
        "Bound for the embedded engine's memory.",
        _bytes(256 * MIB),
        metavar="BYTES",
        default_factory=engine_memory_bytes,
        show=format_bytes,
        default_text="half of the machine's or control group's memory, from 384MiB to 4GiB",
    )
    wal_bytes_max: int = setting(
        "What may wait for a slow or absent store before doors answer 429.",
        _bytes(MIB),
        metavar="BYTES",
        default=1024 * MIB,
        show=format_bytes,
    )
    blobs: str = setting(
        "Where source maps, replays and attachments are kept: below the data directory, or in object storage.",
        values.blobs,
        metavar="s3://BUCKET/PATH",
        default="",
    )
    disk_reserve: int = setting(
        "Free disk space to keep: below it the oldest day is given up, and below half of it doors answer 503.",
        _bytes(0),
        metavar="BYTES",
        default=512 * MIB,
        show=format_bytes,
    )
    ahead: float = setting(
        "How far ahead of this machine's clock an item's time may be; what is further is set aside and counted.",
        parse_duration,
        metavar="DURATION",
        default=86400.0,
        show=format_duration,
    )
    items_per_second: int = setting(
        "Rate of an ingest key that has none of its own.",
        values.integer(1, None, "a number of items, 1 or more"),
        metavar="NUMBER",
        default=200_000,
    )
    browser_items_per_second: int = setting(
        "Rate of an ingest key that browsers see (one with origins) and that has none of its own.",
        values.integer(1, None, "a number of items, 1 or more"),
        metavar="NUMBER",
        default=500,
    )
    series_per_metric: int = setting(
        "Series that a metric may have a day; further ones are set aside, known ones go on; 0: any number.",
        values.integer(0, None, "a number of series, or 0 for any"),
        metavar="NUMBER",
        default=200_000,
    )
    series_per_key: int = setting(
        "Series that an ingest key may bring a day; further ones are set aside, known ones go on; 0: any number.",
        values.integer(0, None, "a number of series, or 0 for any"),
        metavar="NUMBER",
        default=1_000_000,
    )
    promql_features: str = setting(
        "Prometheus's feature flags that PromQL has here; none for its language without any.",
        values.promql_features,
        metavar="NAME,…|none",
        default=values.PROMQL_FEATURES_DEFAULT,
    )
    admin_password: str = setting(
        "Password of the first admin (admin@localhost), put in force at each start; else a one-time link is made.",
        values.secret_of(10),
        metavar="SECRET",
        default="",
        masked="all",
    )
    privacy_key: str = setting(
        "Key of the hashes that stand for private values, as apps have it: `ID:SECRET`, older ones behind commas.",
        values.privacy_key,
        metavar="SECRET",
        default="",
        masked="all",
    )
    wal_key: str = setting(
        "Key under which what waits for the store, and dead letters, are encrypted: `ID:BASE64`, older ones behind"
        " commas.",
        values.wal_key,
        metavar="SECRET",
        default="",
        masked="all",
    )
    ingest_key: str = setting(
        "An ingest key that is always good: it can write and never read.",
        values.secret_of(8),
        metavar="SECRET",
        default="",
        masked="all",
    )
    api_token: str = setting(
        "An API token of an admin that is always good (`Authorization: Bearer …`).",
        values.secret_of(8),
        metavar="SECRET",
        default="",
        masked="all",
    )

    def __repr__(self) -> str:
        parts = (f"{one.name}={shown(one.metadata[META], getattr(self, one.name))}" for one in fields(self))
        return f"Settings({', '.join(parts)})"

    def __post_init__(self) -> None:
        wrong = []
        for one in fields(self):
            value = getattr(self, one.name)
            if value is None or (value == "" and one.default == ""):
                continue
            meta: Meta = one.metadata[META]
            try:
                meta.parse(meta.show(value))
            except ValueError as error:
                wrong.append(f"{one.name}={shown(meta, value)}: {error}")
        ports = [port for port in (self.port, self.otlp_http_port, self.otlp_grpc_port) if port > 0]
        if len(set(ports)) < len(ports):
            wrong.append(
                f"port={self.port}, otlp_http_port={self.otlp_http_port}, otlp_grpc_port={self.otlp_grpc_port}:"
                " expected ports that differ"
            )
        if wrong:
            raise ValueError("\n".join(wrong))

    def retention_days(self) -> dict[Signal, float]:
        """Days by signal; 0 is for ever."""
        return values.retention_days(self.retention)

    def privacy_keys(self) -> HashKeys | None:
        return HashKeys.of(self.privacy_key) if self.privacy_key else None

    def wal_keys(self) -> WalKeys:
        return WalKeys.of(self.wal_key) if self.wal_key else NO_KEYS

    def promql_feature_names(self) -> list[str]:
        return values.features_of(self.promql_features)

    def database_url(self) -> str:
        """Where the workspace is kept, as SQLAlchemy names it."""
        return f"sqlite:///{self.data.absolute() / 'workspace.db'}" if self.database == "sqlite" else self.database

    def scrape_directories(self) -> list[Path]:
        """The directories of `scrape_files`."""
        return [Path(part).expanduser() for part in self.scrape_files.split(",") if part]

    def trusted_networks(self) -> list[str]:
        """The trusted proxies, each as a network."""
        return values.proxies(self.trusted_proxies).split(",") if self.trusted_proxies else []

    def memory_bytes(self) -> int:
        """Bound for the embedded engine's memory."""
        return self.memory


def shown(meta: Meta, value: Any) -> str:
    """A value as text with what is secret masked; nothing for what is not set."""
    if value is None or value == "":
        return ""
    return {"no": meta.show, "url": values.mask_url, "all": _mask}[meta.masked](value)


def _mask(_value: Any) -> str:
    return values.MASK
