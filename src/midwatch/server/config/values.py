"""Kinds of values: text to value and back. Each parser raises ValueError that says what was expected."""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from midwatch.contract.duration import format_duration, parse_duration
from midwatch.contract.privacy_hashing import HashKeys
from midwatch.server.model.signal import Signal
from midwatch.server.model.wal_keys import WalKeys

MASK = "••••••"
RETENTION_DEFAULT = "traces=7d,logs=14d,metrics=90d,errors=90d,events=365d,domain_events=400d"
RETENTION_EXPECTED = "durations by signal such as traces=7d,logs=14d,metrics=90d (0 = for ever)"
PROXIES_EXPECTED = "addresses and networks such as 10.0.0.5,192.168.0.0/16"
DAY_SECONDS = 86400.0

PROMQL_FEATURES = (
    "promql-experimental-functions",
    "promql-duration-expr",
    "promql-extended-range-selectors",
    "promql-binop-fill-modifiers",
    "promql-delayed-name-removal",
    "use-start-timestamps",
    "type-and-unit-labels",
)
"""What Prometheus's `--enable-feature` calls them; those that the engine in `promql/` knows."""
PROMQL_FEATURES_DEFAULT = ",".join(PROMQL_FEATURES[:5])
"""What says nothing otherwise in a query that Prometheus answers without them."""


def integer(lowest: int, highest: int | None, expected: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ValueError(f"expected {expected}") from None
        if value < lowest or (highest is not None and value > highest):
            raise ValueError(f"expected {expected}")
        return value

    return parse


def choice(*names: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(f"expected {', '.join(names[:-1])} or {names[-1]}")
        return text

    return parse


def duration_between(lowest_seconds: float, highest_seconds: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        seconds = parse_duration(value)
        if not lowest_seconds <= seconds <= highest_seconds:
            expected = f"{format_duration(lowest_seconds)} to {format_duration(highest_seconds)}"
            raise ValueError(f"expected a duration from {expected}")
        return seconds

    return parse


def duration_or_none(lowest_seconds: float, highest_seconds: float) -> Callable[[str], float]:
    """As `duration_between`, or 0."""
    between = duration_between(lowest_seconds, highest_seconds)

    def parse(value: str) -> float:
        return between(value) if parse_duration(value) else 0.0

    return parse


def text(value: str) -> str:
    if not value.strip():
        raise ValueError("expected a text that is not empty")
    return value.strip()


def path(value: str) -> Path:
    return Path(text(value)).expanduser()


def paths(value: str) -> str:
    """Directories, joined by commas."""
    parts = [part.strip() for part in value.split(",")]
    if not all(parts):
        raise ValueError("expected directories such as /etc/prometheus,/run/secrets")
    return ",".join(parts)


def secret_of(length_min: int) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if len(value) < length_min:
            raise ValueError(f"expected at least {length_min} characters")
        if any(character.isspace() or not character.isprintable() for character in value):
            raise ValueError("expected no spaces and no control characters")
        return value

    return parse


def privacy_key(value: str) -> str:
    HashKeys.of(value)
    return value


def wal_key(value: str) -> str:
    WalKeys.of(value)
    return value


def url(value: str, *, schemes: tuple[str, ...], expected: str) -> str:
    try:
        parts = urlsplit(value)
        valid = parts.scheme in schemes and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(f"expected {expected}")
    return value


def store(value: str) -> str:
    if value == "chdb":
        return value
    if value.startswith("chdb"):
        raise ValueError("expected chdb alone: the embedded engine has no address, no options and no cluster")
    # What stands in the URL is read by `store.address`; a server that cannot read it does not start.
    if not value.startswith(("clickhouse://", "clickhouses://")):
        raise ValueError("expected chdb or clickhouse://user:password@host:8123/db")
    return value


def database(value: str) -> str:
    if value == "sqlite":
        return value
    schemes = ("postgresql", "postgres")
    return url(value, schemes=schemes, expected="sqlite or postgresql://user:password@host:5432/db")


def web_url(value: str) -> str:
    return url(value.rstrip("/"), schemes=("http", "https"), expected="a URL such as https://midwatch.example.org")


def proxies(value: str) -> str:
    """Addresses and networks, each written as a network."""
    return ",".join(_network(part.strip()) for part in value.split(","))


def _network(part: str) -> str:
    try:
        network = ipaddress.ip_network(part, strict=False)
    except ValueError:
        raise ValueError(f"expected {PROXIES_EXPECTED}; {part!r} is neither") from None
    if network.prefixlen == 0:
        raise ValueError(f"expected {PROXIES_EXPECTED}; {part} is everybody, who could then claim any address")
    if "/" in part and ipaddress.ip_address(part.partition("/")[0]) != network.network_address:
        raise ValueError(f"expected {PROXIES_EXPECTED}; {part} has bits behind its prefix: did you mean {network}?")
    return str(network)


def private_networks(value: str) -> str:
    """`none`, `all`, or networks joined by commas."""
    if value in ("none", "all"):
        return value
    try:
        return ",".join(str(ipaddress.ip_network(part.strip(), strict=False)) for part in value.split(","))
    except ValueError as error:
        raise ValueError(f"expected none, all, or networks such as 10.0.0.0/8,127.0.0.0/8: {error}") from None


def retention(value: str) -> str:
    retention_days(value)
    return value


def retention_days(value: str) -> dict[Signal, float]:
    """Days by signal; signals not named keep their default."""
    days = {Signal.TRACES: 7.0, Signal.LOGS: 14.0, Signal.METRICS: 90.0, Signal.ERRORS: 90.0, Signal.EVENTS: 365.0}
    days[Signal.DOMAIN_EVENTS] = 400.0
    for part in value.split(","):
        name, equals, duration = part.strip().partition("=")
        if not equals or name not in list(Signal):
            raise ValueError(f"expected {RETENTION_EXPECTED}")
        try:
            days[Signal(name)] = parse_duration(duration) / DAY_SECONDS
        except ValueError as error:
            raise ValueError(f"{name}={duration}: {error}") from None
    return days


def blobs(value: str) -> str:
    """An address of object storage; empty for the data directory."""
    if value and not value.startswith(("s3://", "gs://", "az://")):
        raise ValueError("expected s3://bucket/path (gs:// and az:// too), or nothing for the data directory")
    return value


def promql_features(value: str) -> str:
    """Names of PROMQL_FEATURES, or `none`."""
    names = features_of(value)
    if value != "none" and (not names or set(names) - set(PROMQL_FEATURES)):
        raise ValueError(f"expected none or some of {', '.join(PROMQL_FEATURES)}, joined by commas")
    return value


def features_of(value: str) -> list[str]:
    return [] if value == "none" else [name.strip() for name in value.split(",") if name.strip()]


def show_plain(value: Any) -> str:
    return str(value)


def mask_url(value: str) -> str:
    """The URL with its password, and anything in its query that looks like one, masked."""
    if "://" not in value:
        return value
    scheme, _, rest = value.partition("://")
    try:
        parts = urlsplit(value)
    except ValueError:
        return f"{scheme}://{MASK}"
    if rest.rfind("@") > len(parts.netloc) or parts.fragment:
        # A password with # / or ? in it, as it was typed: no part of it can be told from the rest.
        return f"{scheme}://{MASK}"
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    query = re.sub(r"(?i)((?:^|&)[^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*", rf"\1{MASK}", parts.query)
    return urlunsplit(parts._replace(netloc=name + (f":{MASK}" if colon else "") + at + host, query=query))
