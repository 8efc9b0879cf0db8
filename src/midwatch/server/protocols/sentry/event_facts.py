"""What Sentry's events say of their surroundings (user, request, tags, contexts) as attributes."""

from typing import Any

from midwatch.server.protocols.sentry.attributes import Attributes, put, put_all
from midwatch.server.protocols.sentry.conventions import put_address
from midwatch.server.protocols.sentry.reading import object_of, objects_of, text
from midwatch.server.protocols.sentry.sent import Origin, Sent

TAGS_MAX = 100
HEADERS_MAX = 50
CONTEXTS_MAX = 50
_NO_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie"})
"""Credentials, whatever the privacy rules say."""
_READ = frozenset({"trace", "feedback", "replay", "profile", "state", "unreal"})
"""Contexts that are read as something else, or are no attributes."""
_CONTEXT_NAMES = {
    "runtime.name": "process.runtime.name",
    "runtime.version": "process.runtime.version",
    "device.model": "device.model.name",
    "app.app_name": "app.name",
    "app.app_version": "app.version",
}
_USER_NAMES = {
    "id": "user.id",
    "email": "user.email",
    "username": "user.name",
    "name": "user.full_name",
    "ip_address": "client.address",
}
_ASKS_FOR_IP = "{{auto}}"
"""The server is asked to put the sender's address there. It does not."""


def origin_of(sent: Sent, event: dict[str, Any]) -> Origin:
    """The service is that of the tag `service` or `service.name`, else the app's name, else the project's key's."""
    tags = _tags(event)
    service = (
        text(tags.get("service.name"))
        or text(tags.get("service"))
        or text(object_of(event, "contexts", "app").get("app_name"))
    )
    return sent.origin(
        service=service,
        release=event.get("release"),
        environment=event.get("environment"),
        host=event.get("server_name"),
        dist=event.get("dist"),
        sdk=object_of(event, "sdk"),
    )


def put_facts(sent: Sent, event: dict[str, Any], attributes: Attributes) -> None:
    _put_user(sent, event, attributes)
    _put_request(sent, event, attributes)
    tags = _tags(event)
    put_all(attributes, dict(list(tags.items())[:TAGS_MAX]))
    contexts = object_of(event, "contexts")
    for name, context in list(contexts.items())[:CONTEXTS_MAX]:
        if name in _READ or not isinstance(context, dict):
            continue
        for key, value in context.items():
            full = key if name in ("cloud_resource", "otel") or "." in key else f"{name}.{key}"
            if key != "type":
                put(attributes, _CONTEXT_NAMES.get(full, full), value)
    put(attributes, "sentry.replay_id", replay_of(sent, event))
    put(attributes, "sentry.profile_id", text(object_of(contexts, "profile").get("profile_id")))
    sent.about(attributes)


def replay_of(sent: Sent, event: dict[str, Any]) -> str:
    return text(object_of(event, "contexts", "replay").get("replay_id")) or text(sent.trace.get("replay_id"))


def _put_user(sent: Sent, event: dict[str, Any], attributes: Attributes) -> None:
    user = object_of(event, "user")
    for key, name in _USER_NAMES.items():
        value = text(user.get(key))
        put(attributes, name, "" if value == _ASKS_FOR_IP else value)
    put(attributes, "user.id", text(sent.trace.get("user_id")))


def _put_request(sent: Sent, event: dict[str, Any], attributes: Attributes) -> None:
    request = object_of(event, "request")
    put(attributes, "http.request.method", text(request.get("method")))
    if address := text(request.get("url")):
        put_address(attributes, address)
    put(attributes, "url.query", text(request.get("query_string")))
    headers = request.get("headers")
    listed = [one for one in headers if _is_pair(one)] if isinstance(headers, list) else []
    pairs = headers.items() if isinstance(headers, dict) else listed
    for name, value in list(pairs)[:HEADERS_MAX]:
        lowered = text(name).lower()
        if lowered == "user-agent":
            put(attributes, "user_agent.original", text(value))
        elif lowered and lowered not in _NO_HEADERS:
            put(attributes, f"http.request.header.{lowered}", text(value))
    put(attributes, "user_agent.original", sent.user_agent)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _tags(event: dict[str, Any]) -> dict[str, Any]:
    """As an object, or as a list of pairs or of objects."""
    tags = event.get("tags")
    if isinstance(tags, dict):
        return {name: text(value) or value for name, value in tags.items() if not isinstance(value, dict | list)}
    found = {text(one.get("key")): text(one.get("value")) for one in objects_of(tags, TAGS_MAX)}
    if isinstance(tags, list):
        found |= {text(one[0]): text(one[1]) for one in tags[:TAGS_MAX] if _is_pair(one)}
    return found
