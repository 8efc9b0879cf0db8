"""What is known of an event beside its payload: the columns it is searched and counted by."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from midwatch.contract import failures
from midwatch.contract.failures import Failure, category_of
from midwatch.server.issues.events.bounded import mapping, text
from midwatch.server.issues.events.normal import exceptions_of, frames_of
from midwatch.server.issues.rules import ErrorRules, matches

TITLE_CHARACTERS_MAX = 256
_STATUS_NAMES = ("status_code", "http.status_code", "http.response.status_code", "status")
_CODE_NAMES = ("code", "error_code", "error.code")


@dataclass(frozen=True, slots=True)
class Facts:
    type: str
    value: str
    title: str
    culprit: str
    service: str
    category: str
    severity: str
    mechanism: str
    handled: bool
    trace_id: str
    span_id: str
    replay_id: str
    session_id: str
    user: str
    url: str
    browser: str
    os: str
    device: str
    runtime: str
    sdk: str


def facts_of(event: dict[str, Any], rules: ErrorRules, key_name: str) -> Facts:
    """`key_name`: what a service is called that nobody names."""
    contexts, tags = mapping(event.get("contexts")), event["tags"]
    exceptions = exceptions_of(event)
    last = exceptions[-1] if exceptions else {}
    kind, value = last.get("type", ""), last.get("value", "") or message_of(event)
    if not exceptions:
        kind = ""
    mechanisms = [mapping(one.get("mechanism")) for one in exceptions]
    trace = mapping(contexts.get("trace"))
    sdk = mapping(event.get("sdk"))
    values = match_values(event) if rules.severities else {}
    return Facts(
        type=kind,
        value=text(value, 1024),
        title=title_of(kind, value),
        culprit=culprit_of(event),
        service=service_of(event, key_name),
        category=_category(event, exceptions, rules),
        severity=next(
            (rule.severity for rule in rules.severities if matches(rule.match, values)),
            {"fatal": "critical", "debug": "info"}.get(event["level"], event["level"]),
        ),
        mechanism=text(mapping(last.get("mechanism")).get("type"), 100),
        handled=all(one.get("handled") is not False for one in mechanisms),
        trace_id=_hex(trace.get("trace_id"), 32),
        span_id=_hex(trace.get("span_id"), 16),
        replay_id=_hex(mapping(contexts.get("replay")).get("replay_id") or tags.get("replayId"), 32),
        session_id=text(tags.get("session.id") or tags.get("session_id") or tags.get("sessionId"), 100),
        user=user_key(mapping(event.get("user"))),
        url=_url(event),
        browser=_named(contexts.get("browser")),
        os=_named(contexts.get("os") or contexts.get("client_os")),
        device=text(mapping(contexts.get("device")).get("family") or mapping(contexts.get("device")).get("model"), 100),
        runtime=_named(contexts.get("runtime")),
        sdk=text(f"{sdk.get('name', '')} {sdk.get('version', '')}".strip(), 100),
    )


def message_of(event: dict[str, Any]) -> str:
    found = mapping(event.get("logentry"))
    return str(found.get("formatted") or found.get("message") or "")


def title_of(kind: str, value: str) -> str:
    first = value.strip().splitlines()[0] if value.strip() else ""
    return text(f"{kind}: {first}" if kind and first else kind or first or "(no message)", TITLE_CHARACTERS_MAX)


def culprit_of(event: dict[str, Any]) -> str:
    """Where it went wrong: the innermost frame of the team's own code, else the transaction."""
    for holder in [*reversed(exceptions_of(event)), event]:
        frames = frames_of(holder)
        own = [frame for frame in frames if frame.get("in_app")] or frames
        if own:
            frame = own[-1]
            place = frame.get("module") or frame.get("filename") or frame.get("abs_path") or ""
            function = frame.get("function", "")
            if place or function:
                return text(f"{place} in {function}" if place and function else place or function, 256)
    return text(event.get("transaction"), 256)


def service_of(event: dict[str, Any], key_name: str) -> str:
    """Whose event it is; `key_name`: what a service is called that nobody names."""
    tags, contexts = mapping(event.get("tags")), mapping(event.get("contexts"))
    return text(
        tags.get("service")
        or tags.get("service.name")
        or mapping(contexts.get("resource")).get("service.name")
        or mapping(contexts.get("app")).get("app_name")
        or key_name,
        200,
    )


def user_key(user: dict[str, Any]) -> str:
    """Tells users apart: the first of these that is there."""
    for name in ("id", "username", "email", "ip_address"):
        if (found := user.get(name)) not in (None, ""):
            return text(f"{name.removesuffix('_address')}:{found}", 200)
    return ""


def match_values(event: dict[str, Any]) -> dict[str, str | list[str]]:
    """What rules can match: error.type, error.value, message, level, logger, release, environment, transaction, path,
    module, function, platform, url, sdk, tags.<name>."""
    exceptions = exceptions_of(event)
    frames = [frame for one in exceptions for frame in frames_of(one)] or frames_of(event)
    found: dict[str, str | list[str]] = {
        "error.type": [one["type"] for one in exceptions],
        "error.value": [one["value"] for one in exceptions],
        "message": [
            message_of(event),
            *(title_of(one["type"], one["value"]) for one in exceptions),
            *(one["value"] for one in exceptions),
        ],
        "level": event["level"],
        "platform": event["platform"],
        "path": [frame.get("abs_path") or frame.get("filename", "") for frame in frames],
        "module": [frame.get("module", "") for frame in frames],
        "function": [frame.get("function", "") for frame in frames],
        "url": _url(event),
        "sdk": str(mapping(event.get("sdk")).get("name", "")),
    }
    for name in ("logger", "release", "environment", "transaction"):
        found[name] = event.get(name, "")
    for name, value in event["tags"].items():
        found[f"tags.{name}"] = value
    return found


def _category(event: dict[str, Any], exceptions: list[dict[str, Any]], rules: ErrorRules) -> str:
    tags, extra = event["tags"], mapping(event.get("extra"))
    if named := tags.get(failures.CATEGORY) or tags.get("error_category") or tags.get("category"):
        return text(named, 100)
    both = {**extra, **tags}
    status = next((str(both[name]) for name in _STATUS_NAMES if name in both), "")
    frames = [frame for one in exceptions[-1:] for frame in frames_of(one)]
    own = [frame for frame in frames if frame.get("in_app")] or frames
    return category_of(
        Failure(
            types=tuple({name for one in exceptions for name in (one["type"], _qualified(one))}),
            message=exceptions[-1]["value"] if exceptions else message_of(event),
            code=next((str(both[name]) for name in _CODE_NAMES if name in both), ""),
            status=int(status) if status.isascii() and status.isdigit() and len(status) == 3 else 0,
            module=own[-1].get("module", "") if own else "",
            file=(own[-1].get("abs_path") or own[-1].get("filename") or "") if own else "",
        ),
        rules.categories,
    )


def _qualified(exception: dict[str, Any]) -> str:
    return f"{exception['module']}.{exception['type']}" if exception.get("module") else str(exception["type"])


def _hex(value: Any, digits: int) -> str:
    found = str(value or "").replace("-", "").lower()
    if len(found) != digits or not found.strip("0") or any(one not in "0123456789abcdef" for one in found):
        return ""
    return found


def _named(context: Any) -> str:
    held = mapping(context)
    version = text(held.get("version"), 40).partition(".")[0]
    return text(f"{held.get('name', '') or ''} {version}".strip(), 100)


def _url(event: dict[str, Any]) -> str:
    """Without its query, which may hold anything."""
    url = mapping(event.get("request")).get("url", "")
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return ""
    return text(f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else parts.path, 500)
