"""Events of a flood, before any work is done on them: what tells where they belong stays, the rest goes unread."""

from typing import Any

from midwatch.server.issues.events.bounded import listed, mapping

_HEAVY = ("breadcrumbs", "extra", "threads", "debug_meta", "modules", "_meta")
_CONTEXTS = ("trace", "replay", "browser", "os", "device", "runtime", "app")
_OF_FRAMES = ("vars", "pre_context", "post_context")


def place_of(sent: dict[str, Any]) -> tuple[str, ...]:
    """Tells floods apart before events are grouped: type, and where it was raised. Empty: it has no exception."""
    exceptions = listed(sent.get("exception"))
    last = mapping(exceptions[-1]) if exceptions else {}
    frames = listed(mapping(last.get("stacktrace")).get("frames"))
    if not last:
        return ()
    frame = mapping(frames[-1]) if frames else {}
    names = (last.get("type"), frame.get("filename"), frame.get("function"), frame.get("lineno"))
    return tuple(str(one) for one in names)


def lighten(sent: dict[str, Any]) -> None:
    """In place."""
    for name in _HEAVY:
        sent.pop(name, None)
    contexts = mapping(sent.get("contexts"))
    sent["contexts"] = {name: contexts[name] for name in _CONTEXTS if name in contexts}
    if request := mapping(sent.get("request")):
        sent["request"] = {name: request[name] for name in ("url", "headers") if name in request}
    for exception in listed(sent.get("exception")):
        for frame in listed(mapping(mapping(exception).get("stacktrace")).get("frames")):
            if isinstance(frame, dict):
                for name in _OF_FRAMES:
                    frame.pop(name, None)
