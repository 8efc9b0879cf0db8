"""A Sentry event as SDKs send it → the same within bounds and of one form (develop.sentry.dev, event payloads).

Nothing that is wrong in it is an error: a field of a wrong type is left out and named in `errors`.
"""

import re
from datetime import UTC, datetime
from hashlib import blake2b
from math import isfinite
from typing import Any

from midwatch.server.issues.events.bounded import bounded, listed, mapping, pairs, text

FRAMES_MAX = 250
"""The innermost and the outermost of a deeper stack."""
EXCEPTIONS_MAX = 50
BREADCRUMBS_MAX = 100
THREADS_MAX = 250
VARS_MAX = 50
LINE_CHARACTERS_MAX = 500
CONTEXT_LINES_MAX = 10
MESSAGE_CHARACTERS_MAX = 8192
TAG_CHARACTERS_MAX = 200
PAST_SECONDS_MAX = 30 * 86_400
FUTURE_SECONDS_MAX = 60
"""As Sentry has it: an event's time is believed within these, else it is when the event came."""
LEVELS = ("fatal", "error", "warning", "info", "debug")
_LEVEL_NAMES = {"critical": "fatal", "warn": "warning", "log": "info", "sample": "info", "trace": "debug"}
_OF_THREADS = ("id", "name", "crashed", "current", "main")
_HEX_ID = re.compile(r"[0-9a-f]{32}")


def normal_event(  # noqa: PLR0912 - one branch a field
    sent: dict[str, Any], received_ns: int, event_id: str
) -> dict[str, Any]:
    """`event_id`: for one that has none of its own."""
    errors: list[dict[str, str]] = []
    event: dict[str, Any] = {}
    event["event_id"] = _id(sent.get("event_id")) or _id(event_id) or _made_id(event_id)
    event["timestamp"] = _time(sent.get("timestamp"), received_ns, errors)
    event["platform"] = text(sent.get("platform") or "other", 64).lower()
    event["level"] = _level(sent.get("level"), sent)
    for name in ("logger", "release", "dist", "environment", "server_name", "transaction"):
        if (value := sent.get(name)) is not None:
            if isinstance(value, str | int | float):
                event[name] = text(value, TAG_CHARACTERS_MAX).strip()
            else:
                errors.append({"type": "invalid_data", "name": name})
    if exceptions := [one for one in map(_exception, _some(sent.get("exception"), EXCEPTIONS_MAX)) if one]:
        event["exception"] = {"values": exceptions}
    if threads := [_thread(one) for one in _some(sent.get("threads"), THREADS_MAX) if isinstance(one, dict)]:
        event["threads"] = {"values": threads}
    if stack := _stack(sent.get("stacktrace")):
        event["stacktrace"] = stack
    if message := _message(sent):
        event["logentry"] = message
    if crumbs := [_breadcrumb(one) for one in listed(sent.get("breadcrumbs")) if isinstance(one, dict)]:
        event["breadcrumbs"] = {"values": crumbs[-BREADCRUMBS_MAX:]}
    if user := _user(sent.get("user")):
        event["user"] = user
    event["tags"] = _tags(sent.get("tags"))
    if fingerprint := _fingerprint(sent.get("fingerprint")):
        event["fingerprint"] = fingerprint
    if request := mapping(sent.get("request")):
        event["request"] = _request(request)
    for name in ("contexts", "extra", "sdk", "debug_meta"):
        if isinstance(found := sent.get(name), dict) and found:
            event[name] = bounded(found)
    if found := listed(sent.get("errors")):
        errors += [bounded(one, 3) for one in found[:20] if isinstance(one, dict)]
    if errors:
        event["errors"] = errors
    return event


def time_ns(event: dict[str, Any]) -> int:
    return int(event["timestamp"] * 1_000_000) * 1000


def frames_of(holder: Any) -> list[dict[str, Any]]:
    """The frames of whatever may have a `stacktrace`, outermost call first."""
    return mapping(mapping(holder).get("stacktrace")).get("frames") or []


def exceptions_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The first cause first, what was caught last."""
    return mapping(event.get("exception")).get("values") or []


def _some(value: Any, count_max: int) -> list[Any]:
    return listed(value)[-count_max:]


def _id(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    found = value.replace("-", "").lower()
    return found if _HEX_ID.fullmatch(found) else ""


def _made_id(told: str) -> str:
    """Of an id that is none, which is the same for the same."""
    return blake2b(told.encode(errors="replace"), digest_size=16).hexdigest()


def _time(value: Any, received_ns: int, errors: list[dict[str, str]]) -> float:
    received = received_ns / 1e9
    found: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        found = float(value) / 1000 if value > 1e11 else float(value)
    elif isinstance(value, str):
        try:
            parsed = datetime.fromisoformat(value.replace("Z", "+00:00"))
            found = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            try:
                found = float(value)
            except ValueError:
                errors.append({"type": "invalid_data", "name": "timestamp"})
    if found is None or not isfinite(found):
        return received
    if found < received - PAST_SECONDS_MAX:
        errors.append({"type": "past_timestamp", "name": "timestamp"})
        return received
    if found > received + FUTURE_SECONDS_MAX:
        errors.append({"type": "future_timestamp", "name": "timestamp"})
        return received
    return found


def _level(value: Any, sent: dict[str, Any]) -> str:
    found = value.lower() if isinstance(value, str) else ""
    found = _LEVEL_NAMES.get(found, found)
    if found in LEVELS:
        return found
    return "error" if sent.get("exception") or not sent.get("logentry") else "info"


def _exception(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    found: dict[str, Any] = {
        "type": text(value.get("type"), 256),
        "value": text(value.get("value") if isinstance(value.get("value"), str) else _shown(value.get("value"))),
    }
    if not found["type"] and not found["value"] and not value.get("stacktrace"):
        return None
    if isinstance(module := value.get("module"), str):
        found["module"] = text(module, 256)
    if isinstance(mechanism := value.get("mechanism"), dict):
        found["mechanism"] = bounded(mechanism, 4)
    for name in ("stacktrace", "raw_stacktrace"):
        if stack := _stack(value.get(name)):
            found[name] = stack
    return found


def _shown(value: Any) -> str:
    return "" if value is None else text(bounded(value, 3))


def _stack(value: Any) -> dict[str, Any] | None:
    frames = [_frame(one) for one in listed(mapping(value).get("frames")) if isinstance(one, dict)]
    if not frames:
        return None
    if len(frames) > FRAMES_MAX:
        frames = frames[: FRAMES_MAX // 2] + frames[-(FRAMES_MAX - FRAMES_MAX // 2) :]
    return {"frames": frames}


def _frame(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("filename", "abs_path", "module", "function", "package", "platform", "context_line", "debug_id"):
        if isinstance(one := value.get(name), str) and one:
            found[name] = text(one, 2048 if name == "abs_path" else LINE_CHARACTERS_MAX)
    for name in ("lineno", "colno"):
        if isinstance(number := value.get(name), int) and not isinstance(number, bool) and 0 <= number < 1 << 31:
            found[name] = number
    if isinstance(value.get("in_app"), bool):
        found["in_app"] = value["in_app"]
    for name in ("pre_context", "post_context"):
        if isinstance(lines := value.get(name), list) and lines:
            some = lines[-CONTEXT_LINES_MAX:] if name == "pre_context" else lines[:CONTEXT_LINES_MAX]
            found[name] = [text(line, LINE_CHARACTERS_MAX) for line in some]
    if isinstance(held := value.get("vars"), dict) and held:
        found["vars"] = {text(k, 200): bounded(v, 5) for k, v in list(held.items())[:VARS_MAX]}
    return found


def _thread(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: bounded(value[name], 1) for name in _OF_THREADS if name in value}
    if stack := _stack(value.get("stacktrace")):
        found["stacktrace"] = stack
    return found


def _message(sent: dict[str, Any]) -> dict[str, Any] | None:
    entry = sent.get("logentry") or sent.get("sentry.interfaces.Message") or sent.get("message")
    if isinstance(entry, str):
        return {"formatted": text(entry, MESSAGE_CHARACTERS_MAX)} if entry else None
    if not isinstance(entry, dict):
        return None
    template, formatted = entry.get("message"), entry.get("formatted")
    found = {
        name: text(value, MESSAGE_CHARACTERS_MAX)
        for name, value in (("message", template), ("formatted", formatted or template))
        if isinstance(value, str) and value
    }
    if found and isinstance(params := entry.get("params"), list | dict):
        found["params"] = bounded(params, 3)
    return found or None


def _breadcrumb(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("type", "category", "level", "message"):
        if (one := value.get(name)) is not None:
            found[name] = text(one, 2048)
    stamp = value.get("timestamp")
    if isinstance(stamp, str):
        try:
            stamp = datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
        except ValueError:
            stamp = None
    if isinstance(stamp, int | float) and not isinstance(stamp, bool) and isfinite(stamp):
        found["timestamp"] = stamp
    if isinstance(data := value.get("data"), dict) and data:
        found["data"] = bounded(data, 5)
    return found


def _user(value: Any) -> dict[str, Any]:
    found = {text(key, 64): bounded(one, 4) for key, one in list(mapping(value).items())[:50] if one is not None}
    return {key: one for key, one in found.items() if one not in ("", "{{auto}}")}


def _tags(value: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, one in pairs(value)[:200]:
        if one is not None and not isinstance(one, dict | list):
            shown = str(one).lower() if isinstance(one, bool) else text(one, TAG_CHARACTERS_MAX)
            found[text(key, TAG_CHARACTERS_MAX).strip()] = shown
    return found


def _fingerprint(value: Any) -> list[str]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return []
    return [text(one, 512) for one in value[:32] if isinstance(one, str | int | float)]


def _request(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("url", "method", "query_string", "fragment"):
        if isinstance(one := value.get(name), str):
            found[name] = text(one, 2048)
    if isinstance(query := value.get("query_string"), dict | list):
        found["query_string"] = bounded(query, 3)
    if headers := pairs(value.get("headers")):
        found["headers"] = {text(key, 200): text(one, 2048) for key, one in headers[:100]}
    for name in ("data", "cookies", "env"):
        if value.get(name) not in (None, "", {}, []):
            found[name] = bounded(value[name], 8)
    return found
