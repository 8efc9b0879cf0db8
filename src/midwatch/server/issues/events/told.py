"""Exceptions that span events and log records tell of → the JSON of a Sentry event.

OpenTelemetry's conventions (`exception.*`), what Midwatch's SDK adds (contract/failures.py), and the shapes in which
pino, ECS and structlog put an error into a line.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson
import xxhash

from midwatch.contract import failures
from midwatch.server.issues.events.bounded import text
from midwatch.server.issues.events.tracebacks import chain_of, frames_of_text, is_in_app

_LEVELS = {"fatal": "fatal", "error": "error", "warn": "warning", "info": "info", "debug": "debug", "trace": "debug"}
_USER = {"user.id": "id", "enduser.id": "id", "user.email": "email", "user.name": "username"}
_PLATFORMS = {"python": "python", "nodejs": "node", "webjs": "javascript", "java": "java", "go": "go", "ruby": "ruby"}
_FIRST_WORD = re.compile(r"^([A-Za-z_][\w.$]*(?:Error|Exception|Warning|Exit|Interrupt|Failure|Fault)?)\b:?")


def told_event(row: Mapping[str, Any]) -> dict[str, Any]:
    """`row`: of the table `told_exceptions`."""
    own: Mapping[str, str] = row["Attributes"]
    around: Mapping[str, str] = {**row["ResourceAttributes"], **row["SpanAttributes"]}
    both = {**around, **own}
    chain = _chain(own)
    event: dict[str, Any] = {
        "event_id": own.get(failures.EVENT_ID) or _made_id(row),
        "timestamp": row["TimeNs"] / 1e9,
        "platform": _PLATFORMS.get(both.get("telemetry.sdk.language", ""), "other"),
        "level": _LEVELS.get(row["Level"], "error"),
        "logger": own.get("logger", "") or own.get("logger.name", ""),
        "transaction": both.get("http.route", "") or both.get("celery.task_name", ""),
        "release": both.get("service.version", ""),
        "server_name": both.get("service.instance.id", "") or both.get("host.name", ""),
        "exception": {"values": chain},
        "tags": _named(own, failures.TAG),
        "extra": _named(own, failures.EXTRA),
        "user": {ours: both[name] for name, ours in _USER.items() if both.get(name)} | _named(own, failures.USER),
        "contexts": _contexts(row, both, chain[-1]),
        "sdk": {
            "name": both.get("telemetry.sdk.name", "opentelemetry"),
            "version": both.get("telemetry.sdk.version", ""),
        },
    }
    last = chain[-1]
    handled = own.get(failures.HANDLED, "" if own.get("exception.escaped") != "true" else "false")
    last["mechanism"] = {
        "type": own.get(failures.MECHANISM, "opentelemetry"),
        "handled": handled != "false",
    }
    if category := own.get(failures.CATEGORY):
        event["tags"][failures.CATEGORY] = category
    if fingerprint := own.get(failures.FINGERPRINT):
        event["fingerprint"] = _json_list(fingerprint) or [fingerprint]
    if trail := _json_list(own.get(failures.BREADCRUMBS, "")):
        event["breadcrumbs"] = {"values": [_crumb(one) for one in trail if isinstance(one, dict)]}
    if row["Body"] and row["Source"] == "log":
        event["logentry"] = {"formatted": row["Body"]}
    if url := both.get("url.full") or both.get("http.url"):
        event["request"] = {"url": url, "method": both.get("http.request.method", "") or both.get("http.method", "")}
    return {key: value for key, value in event.items() if value not in ("", {}, [], None)}


def _made_id(row: Mapping[str, Any]) -> str:
    """The same of the same row, whenever it is asked."""
    return xxhash.xxh3_128(f"{row['SegmentHex']}/{row['SegmentRow']}/{row['Place']}".encode()).hexdigest()


def _first(own: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((own[name] for name in names if own.get(name)), "")


def _chain(own: Mapping[str, str]) -> list[dict[str, Any]]:
    """What was caught, with its causes before it."""
    stack = _first(own, failures.STACK_KEYS)
    kind, message = _first(own, failures.TYPE_KEYS), _first(own, failures.MESSAGE_KEYS)
    if not kind and (chain := chain_of(stack)):
        kind, message = chain[-1]["type"], message or chain[-1]["value"]
    if not kind and (match := _FIRST_WORD.match(stack)):
        kind = match[1]
    last: dict[str, Any] = {"type": text(kind or "Error", 256), "value": text(message)}
    if frames := _own_frames(own.get(failures.FRAMES, "")) or frames_of_text(stack):
        last["stacktrace"] = {"frames": frames}
    causes = [
        {"type": text(one.get("type"), 256), "value": text(one.get("message"))}
        | ({"stacktrace": {"frames": frames}} if (frames := _own_frames(one.get("frames"))) else {})
        for one in _json_list(own.get(failures.CAUSES, ""))
        if isinstance(one, dict)
    ]
    if not causes:
        causes = [
            {"type": one["type"], "value": text(one["value"]), "stacktrace": {"frames": one["frames"]}}
            for one in chain_of(stack)[:-1][::-1]
        ]
    return [*causes[::-1], last]


def _own_frames(value: Any) -> list[dict[str, Any]]:
    """Frames as Midwatch's SDK tells them (contract/failures.py, FRAMES)."""
    found = []
    for one in _json_list(value) if isinstance(value, str) else value or []:
        if not isinstance(one, dict):
            continue
        path = text(one.get("file"), 2048)
        frame: dict[str, Any] = {"abs_path": path, "filename": path, "function": text(one.get("function"), 500)}
        frame["in_app"] = bool(one["in_app"]) if "in_app" in one else is_in_app(path)
        if isinstance(line := one.get("line"), int):
            frame["lineno"] = line
        if module := one.get("module"):
            frame["module"] = text(module, 256)
        if isinstance(source := one.get("source"), list) and isinstance(line, int):
            _put_source(frame, [text(row, 500) for row in source], line - int(one.get("source_start") or line))
        if isinstance(held := one.get("locals"), dict):
            frame["vars"] = held
        found.append(frame)
    return found


def _put_source(frame: dict[str, Any], source: list[str], at: int) -> None:
    if 0 <= at < len(source):
        frame["pre_context"], frame["context_line"], frame["post_context"] = source[:at], source[at], source[at + 1 :]


def _json_list(value: Any) -> list[Any]:
    try:
        found = orjson.loads(value) if isinstance(value, str) and value[:1] == "[" else value
    except orjson.JSONDecodeError:
        return []
    return found if isinstance(found, list) else []


def _named(own: Mapping[str, str], prefix: str) -> dict[str, Any]:
    return {key.removeprefix(prefix): value for key, value in own.items() if key.startswith(prefix)}


def _crumb(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "timestamp": one.get("timestamp"),
        "level": one.get("level"),
        "message": one.get("message"),
        "category": one.get("logger"),
        "data": one.get("data"),
    }


def _contexts(row: Mapping[str, Any], both: Mapping[str, str], last: Mapping[str, Any]) -> dict[str, Any]:
    """A stack that nobody could read is there as it came. `last`: the exception that was told."""
    stack = _first(row["Attributes"], failures.STACK_KEYS)
    found: dict[str, Any] = {}
    if row["TraceId"]:
        found["trace"] = {"trace_id": row["TraceId"], "span_id": row["SpanId"]}
        if row["Source"] == "span":
            found["trace"]["description"] = row["Body"]
    if runtime := both.get("process.runtime.name"):
        found["runtime"] = {"name": runtime, "version": both.get("process.runtime.version", "")}
    if system := both.get("os.type") or both.get("os.name"):
        found["os"] = {"name": system, "version": both.get("os.version", "")}
    shown = {
        key: value
        for key, value in row["Attributes"].items()
        if not key.startswith((failures.TAG, failures.EXTRA, failures.USER, "exception.", "breadcrumbs"))
        and key not in failures.STACK_KEYS
    }
    if stack and "stacktrace" not in last:
        shown["exception.stacktrace"] = text(stack)
    if shown:
        found["attributes"] = shown
    if row["ResourceAttributes"]:
        found["resource"] = dict(row["ResourceAttributes"])
    return found
