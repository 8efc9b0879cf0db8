"""`printf` with Go's verbs and flags, and `%!` where an argument does not fit (package fmt, Go 1.24)."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from midwatch.server.gotemplate.errors import CallFailed
from midwatch.server.gotemplate.limits import WIDTH_MAX
from midwatch.server.gotemplate.values import (
    NO_VALUE,
    float_text,
    items_of,
    positional,
    scientific,
    text_of,
    type_name,
)

_VERB = re.compile(r"%([#+\- 0]*)(\[\d+\])?(\*|\d+)?(?:(\.)(\[\d+\])?(\*|\d+)?)?(\[\d+\])?(.)?", re.DOTALL)
_INTEGER_BASES = {"b": "b", "o": "o", "O": "o", "x": "x", "X": "X", "d": "d"}
_ESCAPED = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}


@dataclass(slots=True)
class _Spec:
    verb: str
    flags: str
    width: int | None
    precision: int | None


def sprintf(template: Any, *arguments: Any) -> str:
    """Raises CallFailed: the first argument is no text, or a width is over its limit."""
    if not isinstance(template, str):
        raise CallFailed(f"wrong type for value; expected string; got {type_name(template)}")
    return _Printer(arguments).filled(template)


def sprint(*values: Any) -> str:
    """A space between two of which neither is a string, as Go's Sprint has it."""
    made = ""
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            made += " "
        made += text_of(value, inside=True)
    return made


def sprintln(*values: Any) -> str:
    return " ".join(text_of(value, inside=True) for value in values) + "\n"


class _Printer:
    def __init__(self, arguments: Sequence[Any]) -> None:
        self._arguments = arguments
        self._next = 0
        self._reordered = False

    def filled(self, template: str) -> str:
        made, at = [], 0
        for found in _VERB.finditer(template):
            made.append(template[at : found.start()])
            at = found.end()
            made.append(self._one(found))
        made.append(template[at:])
        if not self._reordered and self._next < len(self._arguments):
            rest = ", ".join(_with_type(one) for one in self._arguments[self._next :])
            made.append(f"%!(EXTRA {rest})")
        return "".join(made)

    def _one(self, found: re.Match[str]) -> str:
        flags, first, width, dot, second, precision, third, verb = found.groups()
        if verb is None:
            return "%!(NOVERB)"
        wide = self._number(width, first)
        precise = self._number(precision, second) if precision else (0 if dot else None)
        if verb == "%":
            return "%"
        if wide is not None and wide < 0:
            flags, wide = flags + "-", -wide
        if (third or (first and not width)) and not self._jump(third or first):
            return f"%!{verb}(BADINDEX)"
        if self._next >= len(self._arguments):
            return f"%!{verb}(MISSING)"
        value = self._arguments[self._next]
        self._next += 1
        return _formatted(value, _Spec(verb, flags, wide, precise))

    def _number(self, text: str | None, index: str | None) -> int | None:
        if text is None:
            return None
        if text != "*":
            number = int(text[:6])
        else:
            if index:
                self._jump(index)
            given = self._arguments[self._next] if self._next < len(self._arguments) else None
            self._next += 1
            if not isinstance(given, int):
                return None
            number = int(given)
        if abs(number) > WIDTH_MAX:
            raise CallFailed(f"expected a width and precision of at most {WIDTH_MAX:,}")
        return number

    def _jump(self, index: str) -> bool:
        self._reordered = True
        self._next = int(index[1:-1][:6]) - 1
        return 0 <= self._next < len(self._arguments)


def _formatted(value: Any, spec: _Spec) -> str:
    if spec.verb == "T":
        return _padded(type_name(value), spec)
    if spec.verb == "p":
        return f"%!p({_with_type(value)})"
    text = _text(value, spec)
    return _bad(spec.verb, value) if text is None else text


def _text(value: Any, spec: _Spec) -> str | None:
    """None: the verb is not one for such a value."""
    if value is None or value is NO_VALUE:
        return _padded("<nil>", spec) if spec.verb == "v" else None
    if isinstance(value, bool):
        return _padded(text_of(value), spec) if spec.verb in "vt" else None
    if isinstance(value, int):
        return _integer(value, spec)
    if isinstance(value, float):
        return _float(value, spec)
    if not isinstance(value, str) and hasattr(value, "go_string"):
        value = text_of(value)
    if isinstance(value, str):
        return _string(value, spec)
    return _composite(value, spec)


def _composite(value: Any, spec: _Spec) -> str:
    if spec.verb == "v" and "#" not in spec.flags:
        return _padded(text_of(value), spec)
    if isinstance(value, Mapping):
        pairs = (f"{_formatted(key, spec)}:{_formatted(one, spec)}" for key, one in items_of(value))
        return f"map[{' '.join(pairs)}]"
    if isinstance(value, Sequence):
        return f"[{' '.join(_formatted(one, spec) for one in value)}]"
    return f"%!{spec.verb}({_with_type(value)})"


def _string(value: str, spec: _Spec) -> str | None:
    if spec.precision is not None and spec.verb in "svq":
        value = value[: spec.precision]
    if spec.verb == "q" or (spec.verb == "v" and "#" in spec.flags):
        return _padded(quoted(value), spec)
    if spec.verb in "sv":
        return _padded(value, spec)
    if spec.verb in "xX":
        text = value.encode("utf-8", "surrogatepass").hex(" " if " " in spec.flags else "\0").replace("\0", "")
        return _padded(text.upper() if spec.verb == "X" else text, spec)
    return None


def _integer(value: int, spec: _Spec) -> str | None:
    verb = spec.verb
    if verb == "v":
        verb = "d"
    if verb in _INTEGER_BASES:
        digits = format(abs(value), _INTEGER_BASES[verb])
        if spec.precision is not None:
            digits = "" if spec.precision == 0 and value == 0 else digits.rjust(spec.precision, "0")
        if "#" in spec.flags or verb == "O":
            digits = {"b": "0b", "o": "0", "O": "0o", "x": "0x", "X": "0X", "d": ""}[verb] + digits
        return _signed(digits, spec, negative=value < 0, zeros=spec.precision is None)
    if verb in "cqU" and not 0 <= value <= 0x10FFFF:
        value = 0xFFFD
    if verb == "c":
        return _padded(chr(value), spec)
    if verb == "q":
        shown = {"'": "\\'", '"': '"'}.get(chr(value)) or quoted(chr(value))[1:-1]
        return _padded(f"'{shown}'", spec)
    if verb == "U":
        return _padded(f"U+{value:04X}", spec)
    return None


def _float(value: float, spec: _Spec) -> str | None:
    verb = "f" if spec.verb == "F" else spec.verb
    if verb not in "veEfgG":
        return None
    if math.isnan(value) or math.isinf(value):
        text = float_text(value).lstrip("+-")
        if math.isinf(value) and "+" in spec.flags:
            return _signed(text, spec, negative=value < 0, zeros=False)
        return _signed(text if math.isnan(value) or value < 0 else f"+{text}", spec, negative=value < 0, zeros=False)
    negative, absolute = math.copysign(1, value) < 0, abs(value)
    if verb in "vgG" and spec.precision is None:
        text = float_text(absolute)
    elif verb in "vgG":
        text = _general(absolute, spec.precision or 1)
    elif verb == "f":
        text = f"{absolute:.{6 if spec.precision is None else spec.precision}f}"
    else:
        text = f"{absolute:.{6 if spec.precision is None else spec.precision}e}"
    text = text.upper() if spec.verb in "EG" else text
    return _signed(text, spec, negative=negative, zeros=True)


def _general(value: float, precision: int) -> str:
    """`%.3g`: by the rule of package strconv, which counts the digits that are left after rounding."""
    if value == 0:
        return "0"
    mantissa, _, power = f"{value:.{precision - 1}e}".partition("e")
    digits, exponent = mantissa.replace(".", "").rstrip("0"), int(power)
    limit = len(digits) if precision > len(digits) > exponent else precision
    if -4 <= exponent < limit:
        return positional(digits, exponent, negative=False)
    return scientific(digits, exponent, negative=False)


def _signed(digits: str, spec: _Spec, *, negative: bool, zeros: bool) -> str:
    sign = "-" if negative else "+" if "+" in spec.flags else " " if " " in spec.flags else ""
    if zeros and "0" in spec.flags and "-" not in spec.flags and spec.width is not None:
        digits = digits.rjust(spec.width - len(sign), "0")
    return _padded(sign + digits, spec, fill=" ")


def _padded(text: str, spec: _Spec, *, fill: str = "0") -> str:
    """`fill` is what the flag 0 stands for: not before the sign of a number."""
    if spec.width is None:
        return text
    if "-" in spec.flags:
        return text.ljust(spec.width)
    return text.rjust(spec.width, fill if "0" in spec.flags else " ")


def _bad(verb: str, value: Any) -> str:
    return f"%!{verb}({_with_type(value)})"


def _with_type(value: Any) -> str:
    if value is None or value is NO_VALUE:
        return "<nil>"
    return f"{type_name(value)}={text_of(value, inside=True)}"


def quoted(value: str) -> str:
    """As strconv.Quote."""
    made = []
    for one in value:
        code = ord(one)
        if one in _ESCAPED:
            made.append(_ESCAPED[one])
        elif one == " " or one.isprintable():
            made.append(one)
        elif code < 0x80:
            made.append(f"\\x{code:02x}")
        else:
            made.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return f'"{"".join(made)}"'
