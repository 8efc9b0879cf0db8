"""Kinds of facts: what an audit counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from midwatch.audit.finding import Fact, Side

LIBRARY, DEPENDENCY, LOCKED = "library", "dependency", "locked dependency"
LOG_CALL, PRINT, CONSOLE_DEV, AUDIT_LOG, EVENT = (
    "log call",
    "print or console",
    "console in development only",
    "audit log",
    "event",
)
CATCH, ERROR_HANDLER, ERROR_ANSWER, BOUNDARY, LAST_RESORT = (
    "exception handler",
    "central error handler",
    "error answer",
    "error boundary",
    "unhandled rejections",
)
ROUTE, HEALTH, SERVER, SHUTDOWN, REQUEST_LOG = (
    "request handler",
    "health endpoint",
    "server",
    "graceful shutdown",
    "request log",
)
JOB, SCHEDULE, JOB_FAILURES = "job", "scheduled job", "job failures heard"
SOCKET, EMIT, CALL, RETRY, CLIENT = "socket", "emit", "external call", "retries", "client of a store"
METRIC, RATE_LIMIT, STATE, TREE, WORKER_LOOP = "metric", "rate limit", "state in memory", "React tree", "endless loop"

KINDS: dict[str, str] = {
    LIBRARY: "",
    LOG_CALL: "with a constant message",
    PRINT: "",
    CONSOLE_DEV: "",
    AUDIT_LOG: "",
    EVENT: "in the plan",
    CATCH: "told somebody or raised again",
    ERROR_HANDLER: "",
    ERROR_ANSWER: "",
    BOUNDARY: "",
    LAST_RESORT: "",
    ROUTE: "with an error handler of its own",
    HEALTH: "asks what the service depends on",
    SERVER: "",
    SHUTDOWN: "",
    REQUEST_LOG: "",
    JOB: "retried",
    SCHEDULE: "with a heartbeat",
    JOB_FAILURES: "",
    SOCKET: "with errors listened to",
    EMIT: "acknowledged",
    CALL: "with a time-out",
    RETRY: "",
    CLIENT: "with errors listened to",
    METRIC: "exported",
    RATE_LIMIT: "shared by all instances",
    STATE: "",
    TREE: "",
    WORKER_LOOP: "ends on a signal",
}
"""Kind → what `covered` means for it; empty where it is no question. In the order of a report."""
UNSHOWN = frozenset({DEPENDENCY, LOCKED, TREE})


@dataclass(frozen=True, slots=True)
class Count:
    kind: str
    side: Side
    count: int
    covered: int
    uncovered: int
    names: tuple[tuple[str, int], ...]
    """The most frequent, with how often."""
    places: tuple[Fact, ...]
    """The first, uncovered ones before the others."""


NAMES_MAX = 8
PLACES_MAX = 5


def counted(facts: Iterable[Fact]) -> Iterator[Count]:
    """By kind and side, in the order of KINDS."""
    groups: dict[tuple[str, Side], list[Fact]] = {}
    for fact in facts:
        groups.setdefault((fact.kind, fact.side), []).append(fact)
    order = list(KINDS)
    for (kind, side), found in sorted(
        groups.items(), key=lambda one: (order.index(one[0][0]) if one[0][0] in KINDS else 99, one[0][1])
    ):
        if kind in UNSHOWN:
            continue
        names: dict[str, int] = {}
        for fact in found:
            names[fact.name] = names.get(fact.name, 0) + 1
        frequent = sorted(names.items(), key=lambda one: (-one[1], one[0]))[:NAMES_MAX]
        places = sorted(found, key=lambda one: (one.covered is not False, one.file, one.line))[:PLACES_MAX]
        covered = sum(1 for one in found if one.covered)
        uncovered = sum(1 for one in found if one.covered is False)
        yield Count(kind, side, len(found), covered, uncovered, tuple(frequent), tuple(places))
