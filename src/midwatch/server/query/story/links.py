"""Where a line is shown whole: paths of the page."""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

NEAR_NS = 5 * 60 * 10**9


def trace(trace_id: str, span_id: str = "") -> str:
    return f"/traces/{trace_id}{_search(span=span_id)}"


def log(line_id: str, time_ns: int, trace_id: str) -> str:
    """The line open beside those of its trace, or of its time."""
    query = f"trace_id:{trace_id}" if trace_id else ""
    return f"/logs{_search(query=query, line=line_id, **_near(time_ns))}"


def error(event_id: str) -> str:
    return f"/errors/event/{quote(event_id, safe='')}"


def event(event_id: str, time_ns: int) -> str:
    """A domain event, open in the list of those of its time."""
    return f"/events{_search(open=event_id, **_near(time_ns))}"


def person(distinct_id: str, time_ns: int) -> str:
    return f"/analytics{_search(tab='events', person=distinct_id, **_near(time_ns))}"


def replay(replay_id: str) -> str:
    return f"/replays/{replay_id}"


def alert(rule: str, event_id: int, time_ns: int) -> str:
    return f"/alerts/history{_search(rule=rule, open=str(event_id), **_near(time_ns))}"


def deploy(version: str) -> str:
    return f"/releases{_search(open=version)}"


def _near(time_ns: int) -> dict[str, str]:
    return {"start": _written(time_ns - NEAR_NS), "end": _written(time_ns + NEAR_NS)}


def _written(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _search(**given: str) -> str:
    said = {name: value for name, value in given.items() if value}
    return f"?{urlencode(said, quote_via=quote, safe=':/')}" if said else ""
