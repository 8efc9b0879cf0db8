"""Browsers' own reports (CSP 3, Reporting API, Expect-CT and the like) → the JSON of a Sentry event."""

from typing import Any
from urllib.parse import urlsplit

from midwatch.server.issues.events.bounded import bounded, mapping, text

_OLD = {
    "csp-report": "csp",
    "expect-ct-report": "expectct",
    "expect-staple-report": "expectstaple",
    "known-pins": "hpkp",
}


def security_event(report: dict[str, Any], user_agent: str) -> dict[str, Any] | None:
    """None: it is no report that is known."""
    kind, body, page = _read(report)
    if not body:
        return None
    directive = text(_any(body, "effective-directive", "effectiveDirective", "violated-directive"), 200).partition(" ")[
        0
    ]
    blocked = text(_any(body, "blocked-uri", "blockedURL", "hostname"), 2000)
    page = text(page or _any(body, "document-uri", "documentURL", "url"), 2000)
    where = _host(blocked)
    if kind == "csp":
        said = f"Blocked '{directive or 'resource'}' from '{where or blocked or 'inline'}'"
    else:
        said = text(_any(body, "message", "type", "reason"), 500) or f"{kind} report"
    return {
        "platform": "javascript",
        "level": "info" if kind != "network-error" else "warning",
        "logger": kind,
        "exception": {"values": [{"type": kind, "value": said, "mechanism": {"type": "report", "handled": True}}]},
        "fingerprint": [kind, directive or text(_any(body, "type", "id"), 200), where],
        "request": {"url": page, "headers": {"User-Agent": text(report.get("user_agent") or user_agent, 500)}},
        "tags": {
            name: value
            for name, value in (("effective-directive", directive), ("blocked-uri", where), ("report", kind))
            if value
        },
        "contexts": {"report": bounded(body, 4)},
    }


def _read(report: dict[str, Any]) -> tuple[str, dict[str, Any], str]:
    for name, kind in _OLD.items():
        if name in report:
            return kind, mapping(report[name]) if name != "known-pins" else report, ""
    kind = text(report.get("type"), 40)
    if kind and isinstance(report.get("body"), dict):
        return {"csp-violation": "csp"}.get(kind, kind), report["body"], text(report.get("url"), 2000)
    return "", {}, ""


def _any(body: dict[str, Any], *names: str) -> Any:
    return next((body[name] for name in names if body.get(name)), "")


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc or url.partition(":")[0][:100]
    except ValueError:
        return ""
