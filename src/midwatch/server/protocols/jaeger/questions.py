"""What the Jaeger UI and Grafana ask (jaeger `query_parser.go`) → our search language."""

import json
import re
from collections.abc import Iterable

from midwatch.server.model.errors import BadRequest

_PERIOD = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)")
_PERIOD_NS = {"ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9}
_FIELDS = {"span.kind": "kind", "otel.scope.name": "scope", "otel.status_description": "status_message"}
"""Tags that Jaeger knows of a span and that are no attributes here."""
_NAME = re.compile(r"[A-Za-z0-9_.@-]+")


def search_of(
    service: str,
    operation: str,
    tags: str,
    single_tags: Iterable[str],
    min_duration: str,
    max_duration: str,
    *,
    names: tuple[str, str, str] = ("tags", "minDuration", "maxDuration"),
) -> str:
    """The search for spans that have all of it; `names` are what the last parameters are called where they are asked.

    Raises:
        BadRequest: tags or a duration that cannot be read.
    """
    terms = [("service", service), ("name", operation), *_tags(names[0], tags), *map(_tag, single_tags)]
    parts = [f"{name}:{_quoted(value)}" for name, value in terms if value != ""]
    parts += [f"duration:>={_period(names[1], min_duration)}"] if min_duration else []
    parts += [f"duration:<={_period(names[2], max_duration)}"] if max_duration else []
    return " ".join(parts)


def _tags(name: str, text: str) -> list[tuple[str, str]]:
    """`{"http.status_code":"500"}`, as both send it."""
    if not text:
        return []
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise BadRequest(f"{name}={text[:60]!r}: expected a JSON object of strings")
    return [_term(str(key), value if isinstance(value, str) else json.dumps(value)) for key, value in parsed.items()]


def _tag(text: str) -> tuple[str, str]:
    """`http.status_code:500`, the older form."""
    name, colon, value = text.partition(":")
    if not colon:
        raise BadRequest(f"tag={text[:60]!r}: expected name:value")
    return _term(name, value)


def _term(name: str, value: str) -> tuple[str, str]:
    if name == "otel.status_code" and value.upper() == "ERROR":
        return "error", "true"
    if not _NAME.fullmatch(name):
        raise BadRequest(f"tags: cannot search for the tag {name[:60]!r}")
    return _FIELDS.get(name, name), value


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _period(name: str, text: str) -> str:
    """Go's durations: 1.2s, 100ms, 1m30s."""
    found = _PERIOD.findall(text)
    if not found or "".join(number + unit for number, unit in found) != text:
        raise BadRequest(f"{name}={text[:20]!r}: expected 1.2s, 100ms, 500us …")
    return f"{sum(float(number) * _PERIOD_NS[unit] for number, unit in found):.0f}ns"
