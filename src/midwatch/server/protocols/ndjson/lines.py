"""What of an NDJSON body can be told without reading lines one by one."""

import re

_TIME_FIELD = re.compile(
    rb'"(?:timestamp|time|ts|@timestamp|EventTimestampMs|EdgeStartTimestamp|[Dd]atetime|date)"\s*:'
)


class BadLines(Exception):
    """The body is no text."""


def to_lines(body: bytes) -> bytes:
    """The body as lines: a JSON array (Vercel's drains) becomes one object a line, all else stays as it is.

    Raises:
        BadLines: not UTF-8, or an array that does not parse.
    """
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise BadLines(f"expected UTF-8 text: {error}") from None
    if body.lstrip()[:1] != b"[":
        return body
    import orjson

    try:
        items = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadLines(f"expected a JSON array or lines: {error}") from None
    return b"\n".join(orjson.dumps(item) for item in items)


def count_lines(body: bytes) -> int:
    return body.count(b"\n") + (0 if body.endswith(b"\n") or not body else 1)


def all_have_times(body: bytes) -> bool:
    """True when there are at least as many times as lines: only then is the same body again a sender's retry."""
    return len(_TIME_FIELD.findall(body)) >= count_lines(body)
