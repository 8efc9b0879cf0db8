"""What the Sentry doors check of a body. Plain functions of a module, so that another process can run them."""

import base64
import binascii
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
import xxhash

from midwatch.server.ingest.checks import Body, Check
from midwatch.server.model.errors import BadRequest
from midwatch.server.protocols.sentry.envelope import (
    USER_AGENT,
    BadEnvelope,
    Envelope,
    Item,
    read_envelope,
    write_envelope,
)
from midwatch.server.protocols.sentry.items import TYPES, BadItem, check_item

INLINE_BYTES_MAX = 128 << 10
"""Checked on the event loop up to this: JSON that is only read costs some 3 ns a byte."""
STORE_BYTES_MAX = 1 << 20
WITH_ID = ("event", "transaction", "feedback", "user_report")


@dataclass(frozen=True, slots=True)
class SentryReceipt:
    """What the door tells and does of an envelope beside keeping it."""

    event_id: str | None
    direct: tuple[tuple[str, bytes], ...] = ()
    """Type and payload of items that are for others than the digest."""
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By type and outcome: `kept`, `unknown`, `bad_item`, `item_too_large`."""
    refused: str = ""
    """Why the first item that was not taken was not."""


def envelope_body(direct: frozenset[str], user_agent: str, raw: bytes) -> Body:
    """An envelope without what it has wrong; nothing that is right is lost for it."""
    try:
        envelope = read_envelope(raw)
        if not user_agent:
            return _body(envelope, raw, direct)
        return _body(Envelope({**envelope.headers, USER_AGENT: user_agent[:500]}, envelope.items), None, direct)
    except BadEnvelope as error:
        raise BadRequest(f"cannot read the envelope: {error}", code="bad_envelope") from None


def store_body(raw: bytes) -> Body:
    """An event by itself, as SDKs before envelopes sent it: JSON, or zlib in base64."""
    if not raw.lstrip().startswith(b"{"):
        raw = _unpacked(raw)
    return _body(Envelope({}, [Item("event", {"type": "event"}, raw)]), None, frozenset())


def security_body(user_agent: str, raw: bytes) -> Body:
    """A browser's report (CSP and the others of the Reporting API), of which one body may have several."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"cannot read the report: expected JSON: {error}", code="bad_envelope") from None
    reports = found if isinstance(found, list) else [found]
    if not reports or not all(isinstance(report, dict) for report in reports):
        raise BadRequest("cannot read the report: expected a JSON object or a list of them", code="bad_envelope")
    items = [Item("raw_security", {"type": "raw_security"}, orjson.dumps(report)) for report in reports[:100]]
    return _body(Envelope({USER_AGENT: user_agent[:500]}, items), None, frozenset())


def envelope_check(direct: frozenset[str], user_agent: str = "") -> Check:
    """`direct`: types that the door hands on itself; `user_agent`: of a browser, which its SDK does not tell."""
    return Check(partial(envelope_body, direct, user_agent), INLINE_BYTES_MAX)


STORE_CHECK = Check(store_body, INLINE_BYTES_MAX)


def security_check(user_agent: str) -> Check:
    return Check(partial(security_body, user_agent), INLINE_BYTES_MAX)


def _body(envelope: Envelope, raw: bytes | None, direct: frozenset[str]) -> Body:
    counts: Counter[tuple[str, str]] = Counter()
    kept: list[Item] = []
    handed: list[tuple[str, bytes]] = []
    refused = ""
    for number, item in enumerate(envelope.items, 1):
        if item.type not in TYPES:
            counts["other", "unknown"] += 1
            continue
        try:
            check_item(item, number)
        except BadItem as error:
            too_large = len(item.payload) > TYPES[item.type].bytes_max
            counts[item.type, "item_too_large" if too_large else "bad_item"] += 1
            refused = refused or str(error)
            continue
        if item.type in direct:
            handed.append((item.type, item.payload))
        else:
            counts[item.type, "kept"] += 1
            kept.append(item)
    headers, event_id = _with_id(envelope.headers, kept)
    whole = raw is not None and len(kept) == len(envelope.items) and headers is envelope.headers
    content = None if whole else write_envelope(headers, kept) if kept else b""
    return Body(content, len(kept), receipt=SentryReceipt(event_id, tuple(handed), dict(counts), refused))


def _with_id(headers: dict[str, Any], items: list[Item]) -> tuple[dict[str, Any], str | None]:
    """The envelope's id. Where it has none, its event's own, or one made of its content: the same again is the same."""
    if isinstance(sent := headers.get("event_id"), str) and sent:
        return headers, sent
    found = next((item for item in items if item.type in WITH_ID), None)
    if found is None:
        return headers, None
    value = orjson.loads(found.payload)
    own = value.get("event_id") if isinstance(value, dict) else None
    event_id = own if isinstance(own, str) and own else xxhash.xxh3_128(found.payload).hexdigest()
    return {**headers, "event_id": event_id}, event_id


def _unpacked(raw: bytes) -> bytes:
    try:
        unpacker = zlib.decompressobj()
        event = unpacker.decompress(base64.b64decode(raw, validate=True), STORE_BYTES_MAX + 1)
    except (binascii.Error, zlib.error):
        raise BadRequest("cannot read the event: expected JSON, or zlib data in base64", code="bad_envelope") from None
    if len(event) > STORE_BYTES_MAX:
        raise BadRequest(f"cannot read the event: over {STORE_BYTES_MAX:,} bytes", code="bad_envelope")
    return event
