"""A request's bytes → the JSON that its sender meant: gzip, base64 and forms, as PostHog's SDKs pack it."""

import base64
import binascii
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import orjson

BODY_BYTES_MAX = 20 << 20
"""Unpacked, however it was packed. What PostHog itself takes; its SDKs make batches of 5 MiB at most."""
_GZIP = b"\x1f\x8b"
_FORM = "application/x-www-form-urlencoded"
_COMPRESSIONS = frozenset({"", "gzip", "gzip-js", "base64"})


class BadCapture(Exception):
    """The bytes are no request of PostHog's; the message says why, and what was expected."""


class CaptureTooLarge(Exception):
    """More bytes, once unpacked, than a request may have."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a request says about its body beside the body."""

    content_type: str = ""
    compression: str = ""
    """`?compression=`; SDKs leave it out for gzip, which is recognised by its first bytes."""


def parsed(raw: bytes, form: Form) -> Any:
    """The body's JSON.

    Raises:
        BadCapture: it cannot be unpacked, or is no JSON.
        CaptureTooLarge: as it says.
    """
    if form.compression not in _COMPRESSIONS:
        raise BadCapture(f"compression={form.compression[:40]!r}: expected gzip-js, gzip, base64 or none")
    text = _unpacked(raw)
    if form.content_type == _FORM or text.startswith(b"data="):
        text = _unpacked(_of_form(text))
    if text[:1] not in (b"{", b"[") and form.compression != "gzip-js":
        text = _unpacked(_of_base64(text))
    if len(text) > BODY_BYTES_MAX:
        raise CaptureTooLarge
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadCapture(f"expected JSON: {error}") from None


def _unpacked(data: bytes) -> bytes:
    data = data.strip(b" \t\r\n") if not data.startswith(_GZIP) else data
    if not data.startswith(_GZIP):
        return data
    unpacker = zlib.decompressobj(31)
    try:
        found = unpacker.decompress(data, BODY_BYTES_MAX + 1)
    except zlib.error as error:
        raise BadCapture(f"cannot unpack the gzip data: {error}") from None
    if len(found) > BODY_BYTES_MAX:
        raise CaptureTooLarge
    if not unpacker.eof:
        raise BadCapture("cannot unpack the gzip data: it ends too early")
    return found.strip(b" \t\r\n")


def _of_form(text: bytes) -> bytes:
    """The field `data` of a form: what a page sends that may not use any other content type."""
    try:
        fields = parse_qs(text.decode("ascii"), max_num_fields=20)
    except (UnicodeDecodeError, ValueError):
        raise BadCapture("cannot read the form: expected data=<base64 or JSON>, percent-encoded") from None
    if "data" not in fields:
        raise BadCapture("the form has no field data: expected data=<base64 or JSON>")
    return fields["data"][0].encode()


def _of_base64(text: bytes) -> bytes:
    # A plus that was not percent-encoded came out of the form as a space.
    joined = text.replace(b" ", b"+").translate(None, b"\r\n\t")
    joined = joined.replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(joined + b"=" * (-len(joined) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadCapture("expected JSON, JSON in base64, or either in gzip; this is none of them") from None
