"""What of an NDJSON body can be told without reading lines one by one."""

import re

import orjson

_LINE_WITH_TIME = re.compile(
    rb'^[^\n]*?"(?:timestamp|time|ts|@timestamp|EventTimestampMs|EdgeStartTimestamp|[Dd]atetime|date)"\s*:',
    re.MULTILINE,
)
_BLANK = b" \t\r\n"
_BLANK_LINE = re.compile(rb"^[ \t\r]*\n", re.MULTILINE)
_PROBES = frozenset({b'{"content":"tests"}', b'{"content":"test"}'})
"""What Cloudflare Logpush sends to see whether an HTTP destination answers. It is nobody's log line."""
_PROBE_BYTES_MAX = 64


class BadLines(Exception):
    """The body is no text, or not what it says it is."""


def to_lines(body: bytes, *, is_json: bool) -> bytes:
    """The body as lines. What is no JSON is text, line by line, and stays as it is.

    A JSON array (Vercel's drains) becomes one line an element, an object over several lines becomes one.
    `is_json`: the sender says that it is JSON, so that an array which does not parse is a mistake and no text.

    Raises:
        BadLines: not UTF-8, or empty, or an array that should be one and does not parse.
    """
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise BadLines(f"expected UTF-8 text: {error}") from None
    stripped = body.strip(_BLANK)
    if not stripped:
        raise BadLines("expected lines, found nothing but blanks")
    if stripped[:1] == b"[":
        return _array_lines(body, stripped, is_json=is_json)
    if stripped[:1] == b"{" and not stripped.partition(b"\n")[0].rstrip().endswith(b"}"):
        try:
            return orjson.dumps(orjson.loads(stripped))
        except orjson.JSONDecodeError:
            return body
    return body


def _array_lines(body: bytes, stripped: bytes, *, is_json: bool) -> bytes:
    try:
        elements = orjson.loads(stripped)
    except orjson.JSONDecodeError as error:
        if is_json and b"\n" not in stripped:
            raise BadLines(f"expected a JSON array: {error}") from None
        return body
    if not elements:
        raise BadLines("expected an array with elements, found an empty one")
    return b"\n".join(orjson.dumps(element) for element in elements)


def is_probe(lines: bytes) -> bool:
    """True for a sender's test of the address, which is answered and not kept."""
    return len(lines) <= _PROBE_BYTES_MAX and lines.translate(None, _BLANK) in _PROBES


def count_lines(lines: bytes) -> int:
    """Lines that are not blank, near enough: a rate is taken from it."""
    ends = lines.count(b"\n") + (0 if lines.endswith(b"\n") else 1)
    return ends - len(_BLANK_LINE.findall(lines)) if b"\n\n" in lines or b"\n\r\n" in lines else ends


def all_have_times(lines: bytes) -> bool:
    """True when every line has a time of its own: only then is the same body again a sender's retry."""
    return len(_LINE_WITH_TIME.findall(lines)) >= count_lines(lines)
