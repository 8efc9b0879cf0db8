"""Names that tell what is in them: secrets and personal data."""

import re
from typing import Literal

from midwatch.contract.privacy import DEFAULT_DENYLIST, deny_pattern

Privacy = Literal["secret", "personal"]

_AMBIGUOUS = frozenset(
    {
        "auth",
        "bearer",
        "credit card",
        "magic link",
        "otp",
        "sig",
        "signature",
        "token",
        "secrets",
        "passwords",
        "cookies",
        "session cookie",
    }
)
"""In code these are as often a function's signature, a parser's token or a list of names."""
_SECRET = re.compile(deny_pattern([one for one in DEFAULT_DENYLIST if one not in _AMBIGUOUS]))
_TOKEN = re.compile(
    r"(?i)^(?:access|refresh|auth|bearer|api|id|session|jwt|reset|invite|invitation|verification|recovery|csrf|bot|user|service)[_-]?token$|^token$"
)
_PERSONAL = re.compile(
    deny_pattern(
        ["email", "email address", "e mail", "phone", "phone number", "mobile number", "date of birth", "birth date", "birthday", "first name", "last name", "full name",
         "home address", "street address", "postal address", "passport number", "national id"]
    )
)  # fmt: skip
_ABOUT = re.compile(
    r"(?i)^(?:has|is|no|should|use|send|can|with|without|need|needs|missing|invalid|valid|num|count|max|min|len|n|on|set|get|show|hide|require|requires|required|enable|enabled|disable|new_?message)(?:_|(?=[A-Z]))"
)
"""`has_password` is no password."""


def privacy_of(name: str) -> Privacy | None:
    """What a variable, attribute or key of that name holds."""
    if _ABOUT.match(name) or len(name) > 80:
        return None
    if _SECRET.search(name) or _TOKEN.match(name):
        return "secret"
    if _PERSONAL.search(name) and not (name.isupper() and len(name) > 5):
        return "personal"
    return None


LOG_LEVELS = frozenset(
    {"trace", "verbose", "debug", "info", "notice", "warning", "warn", "error", "exception", "critical", "fatal", "log"}
)
LOGGER_NAME = re.compile(r"(?i)(?:^|_)(?:log|logger|logging|slog)$|Logger$|^Log$|Log$")
LOGGER_FILE = re.compile(r"(?i)(?:^|/)(?:\w*logger|log|logging|console)\.[cm]?(?:py|[jt]s)x?$")
LOGGER_MADE = re.compile(r"(?i)^(?:\w*logger|log|logging|console|write_?log)$|^log[A-Z_]\w*$")
"""Classes and functions that are the logger: somebody has to write at last."""
EVENT_NAME = re.compile(r"[a-z][a-z0-9]*(?:[._:-][a-z0-9]+)+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
"""How events are named: words in one piece. A message is a sentence."""
OBSERVED = re.compile(
    r"(?i)log|debug|report|capture|record|track|notify|alert|audit|sentry|warn|error|exception|fail|abort|reject|metric|increment|incr\b|inc\b|emit|dispatch|toast|print|raise|throw|exit|panic|traceback|messages?\.|flash|retry"
)
"""Calls by which somebody may learn of a failure."""
REASON = re.compile(
    r"(?:#|//|/\*|\*)\s*(?!(?:eslint|noqa|pylint|type:|pragma|istanbul|biome))[^\W\d][\w'’]*(?:\W+[\w'’]+){2,}"
)
"""A comment that says why: three words or more, none of them to a tool. `// ignore` says nothing."""
MAY_FAIL = re.compile(
    r"(?i)\b(?:fail\w*|ignor\w*|ok|fine|optional\w*|attempt|may|might|can[’']t|cannot|raises?|throws?|best.effort)\b"
)
"""Of a comment above what is tried: it speaks of failing, and not of what is done alone."""
HEARTBEAT = re.compile(
    r"(?i)heartbeat|healthchecks|hc-ping|cronitor|checkin|check_in|withMonitor|sentry.{0,20}monitor|\bmonitor\(|deadman|snitch|midwatch\.(?:job|monitor)"
)
RATE_LIMIT_NAME = re.compile(
    r"(?i)rate_?limit|throttl|hit_?counts?$|^hits$|(?:login|failed)_?attempts|^attempts$|^limiter$"
)
METRICS_NAME = re.compile(
    r"(?i)metrics?(?:_?(?:store|data|map|buffer|cache|registry))?$|telemetry$|(?:^|_)stats?(?:$|_)|[a-z]Stats?$|latenc|slow_?quer|histogram|(?:request|error|message|connection|event|query)_?counts?(?:er)?s?$|^counters?$|durations$|timings$"
)
HEALTH_PATH = re.compile(
    r"(?i)^/?(?:api/|v\d+/|internal/|utils/)*(?:_?health|_?healthz|health[_-]?checks?|livez?|liveness|readyz?|readiness|_?status|ping|up|alive|heartbeat|__heartbeat__|__lbheartbeat__|monitoring/health)/?\$?$"
)
DEPENDENCY_CALL = re.compile(
    r"(?i)quer|execute|\bping\b|connect|select|redis|database|\bdb\b|session|cursor|fetchone|prisma|knex|mongo|cache|check"
)
"""In a health endpoint: it asks what the service depends on."""
AUDIT_LOG = re.compile(
    r"(?i)^(?:create|write|add|record|log)?_?audit_?(?:log|trail|event|entry|record)s?$|^log_?audit\w*$"
)
