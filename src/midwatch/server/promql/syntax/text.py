"""How strings, numbers and durations are written in PromQL."""

import math
import re

from midwatch.server.promql.errors import ParameterError

_SIMPLE = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34}
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
_UNITS_MS = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1)
_UNIT_NAMES = ("y", "w", "d", "h", "m", "s", "ms")
DURATION_SECONDS_MAX = 2**63 / 1e9
"""What fits 64 bits of nanoseconds, as Prometheus counts durations."""
_INTEGER = re.compile(r"0[xX]_?[0-9a-fA-F_]+|0[bB]_?[01_]+|0[oO]?[0-7_]+|[1-9][0-9_]*|0")
_FLOAT = re.compile(r"(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?")

_SHOWN_MAX = 40
"""Characters of a number that a message repeats."""


def unquote(token: str) -> str:
    """A string token's value; Go's escapes, backquotes take everything as it is.

    Bytes that are no UTF-8 are kept as lone surrogates, so that a name of them can be refused; see `clean`.

    Raises:
        ValueError: an escape that Go does not know.
    """
    quote, body = token[0], token[1:-1]
    if quote == "`":
        return body
    if "\\" not in body:
        return body
    out = bytearray()
    position = 0
    while position < len(body):
        character = body[position]
        if character != "\\":
            out += character.encode("utf-8", "surrogateescape")
            position += 1
            continue
        position += _escape(body, position + 1, quote, out)
    return out.decode("utf-8", "surrogateescape")


def _escape(body: str, at: int, quote: str, out: bytearray) -> int:
    """Append what the escape at `at` means; its length with the backslash."""
    kind = body[at : at + 1]
    if kind in _SIMPLE and (kind not in "'\"" or kind == quote):
        out.append(_SIMPLE[kind])
        return 2
    for marks, digits, base, skip in (("01234567", 3, 8, 0), ("x", 2, 16, 1), ("u", 4, 16, 1), ("U", 8, 16, 1)):
        if kind and kind in marks:
            text = body[at + skip : at + skip + digits]
            code = int(text, base) if len(text) == digits and text.isalnum() else -1
            whole = kind in "uU"
            if code < 0 or code > (0x10FFFF if whole else 255) or (whole and 0xD800 <= code < 0xE000):
                raise ValueError(f"escape \\{kind}{text if skip else text[1:]} is no character")
            if whole:
                out += chr(code).encode()
            else:
                out.append(code)
            return 1 + skip + digits
    raise ValueError(f"unknown escape sequence \\{kind}")


def quote(text: str) -> str:
    """A double-quoted string token."""
    out = []
    for character in text:
        if character in '"\\':
            out.append("\\" + character)
        elif character == "\n":
            out.append("\\n")
        elif character == "\t":
            out.append("\\t")
        elif character == "\r":
            out.append("\\r")
        elif "\udc80" <= character <= "\udcff":
            out.append(f"\\x{ord(character) - 0xDC00:02x}")
        elif character < " " or character == "\x7f":
            out.append(f"\\x{ord(character):02x}")
        else:
            out.append(character)
    return '"' + "".join(out) + '"'


def clean(text: str) -> str:
    """Text with a mark in place of each byte that was no UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def parse_number(text: str) -> float:
    """A number token: integers in bases 2, 8, 10 and 16, floats, `1_000`, Inf, NaN.

    Raises:
        ValueError: it is none.
    """
    sign = -1.0 if text[:1] == "-" else 1.0
    body = text[1:] if text[:1] in ("+", "-") else text
    lower = body.lower()
    if lower in ("inf", "infinity"):
        return sign * math.inf
    if lower == "nan":
        return math.nan
    if _INTEGER.fullmatch(body):
        plain = body.replace("_", "")
        base = 10
        if len(plain) > 1 and plain[0] == "0":
            base = {"x": 16, "b": 2}.get(plain[1].lower(), 8)
        value = 0 if base == 10 else int(plain.lower().replace("0o", "0", 1) if base == 8 else plain, base)
        if value >= 2**63:
            raise ValueError(f"{text!r} does not fit 64 bits")
        return sign * float(value) if base != 10 else _finite(sign * float(plain), text)
    if _FLOAT.fullmatch(body):
        return _finite(sign * float(body.replace("_", "")), text)
    raise ValueError(f"{text!r} is no number")


def _finite(value: float, text: str) -> float:
    if math.isinf(value):
        shown = text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
        raise ValueError(f"number {shown!r} is out of range")
    return value


def parse_duration(text: str) -> int:
    """A duration token such as `1h30m`, in milliseconds.

    Raises:
        ParameterError: it is none, or does not fit.
    """
    if text == "0":
        return 0
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ParameterError(f"not a valid duration string: {quote(text)}")
    total = sum(int(part) * unit for part, unit in zip(match.groups(), _UNITS_MS, strict=True) if part)
    if total > DURATION_SECONDS_MAX * 1000:
        raise ParameterError("duration out of range")
    return total


def format_duration(milliseconds: int) -> str:
    """The shortest way to write a duration that is read back as itself."""
    if milliseconds == 0:
        return "0s"
    out, rest = "-" if milliseconds < 0 else "", abs(milliseconds)
    for name, unit in zip(_UNIT_NAMES, _UNITS_MS, strict=True):
        # Years and weeks only where nothing is left over, since people read days and hours more easily.
        if (name in ("y", "w") and rest % unit) or rest < unit:
            continue
        out += f"{rest // unit}{name}"
        rest %= unit
    return out
