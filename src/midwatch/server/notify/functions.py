"""The functions of notification templates: Alertmanager's, under its names."""

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import re2  # type: ignore[import-untyped]

from midwatch.server.gotemplate import Duration, SafeText, Time
from midwatch.server.notify.data import KV, json_value

PATTERN_CHARACTERS_MAX = 8192
PATTERNS_MAX = 500
_SMALL = "munpfazy"
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


@dataclass(frozen=True, slots=True)
class Moment:
    """What a rendering stands in: functions have no other way to know."""

    now_ns: int
    route_labels: Mapping[str, str]


MOMENT: ContextVar[Moment] = ContextVar("moment")
_patterns: dict[str, Any] = {}


def _text(value: Any) -> str:
    """Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("expected a text")
    return value


def _time(value: Any) -> Time:
    """Raises ValueError."""
    if not isinstance(value, Time):
        raise ValueError("expected a time")
    return value


def _pattern(text: Any) -> Any:
    """Raises ValueError."""
    if len(_text(text)) > PATTERN_CHARACTERS_MAX:
        raise ValueError(f"expected a pattern of at most {PATTERN_CHARACTERS_MAX} characters")
    if text not in _patterns:
        if len(_patterns) >= PATTERNS_MAX:
            _patterns.clear()
        try:
            _patterns[text] = re2.compile(text, _OPTIONS)
        except re2.error as error:
            raise ValueError(f"expected a regular expression of RE2: {error}") from None
    return _patterns[text]


def _replaced(pattern: Any, replacement: Any, text: Any) -> str:
    """`$1`, `${name}` and `$$` in the replacement, as Go's Expand has them."""
    return str(_pattern(pattern).sub(lambda found: _expanded(_text(replacement), found), _text(text)))


def _expanded(template: str, found: Any) -> str:
    made, at = [], 0
    while (dollar := template.find("$", at)) >= 0:
        made.append(template[at:dollar])
        rest = template[dollar + 1 :]
        if rest.startswith("$"):
            made.append("$")
            at = dollar + 2
            continue
        name, length = _name(rest)
        if not length:
            made.append("$")
            at = dollar + 1
            continue
        made.append(_group(found, name))
        at = dollar + 1 + length
    return "".join(made) + template[at:]


def _name(rest: str) -> tuple[str, int]:
    """The name after a dollar, and how many characters that takes; 0: it is no name."""
    if rest.startswith("{"):
        end = rest.find("}")
        return (rest[1:end], end + 1) if end > 1 else ("", 0)
    end = 0
    while end < len(rest) and (rest[end].isalnum() or rest[end] == "_"):
        end += 1
    return rest[:end], end


def _group(found: Any, name: str) -> str:
    try:
        return found.group(int(name) if name.isdigit() else name) or ""
    except (IndexError, KeyError, OverflowError):
        return ""


def _title(text: Any) -> str:
    """The first letter of each word large, the rest small, as golang.org/x/text/cases has it."""
    made, before = [], " "
    for one in _text(text):
        made.append(one.lower() if before.isalnum() or before in "_'" else one.title())
        before = one
    return "".join(made)


def _join(separator: Any, parts: Any) -> str:
    if isinstance(parts, str) or not isinstance(parts, Sequence):
        raise ValueError("expected a list of texts")
    return _text(separator).join(_text(one) for one in parts)


def _dict(*pairs: Any) -> dict[str, Any]:
    if len(pairs) % 2:
        raise ValueError("expected an even number of arguments")
    return {_text(key): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}


def _append(values: Any, *more: Any) -> list[Any]:
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise ValueError("expected a list")
    return [*values, *more]


def _decoded(text: Any) -> str:
    return base64.urlsafe_b64decode(_text(text)).decode("utf-8", "replace")


def _seconds(value: Any) -> float:
    if isinstance(value, Duration):
        return value.nanoseconds / 1e9
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("expected a number of seconds")
    return float(value)


def humanize_duration(value: Any) -> str:
    """Seconds as `1d 2h 3m 4s`, below one in the unit that fits. Raises ValueError."""
    seconds = _seconds(value)
    if not math.isfinite(seconds):
        return "NaN" if math.isnan(seconds) else f"{seconds:+}".title()
    sign, left = ("-", -seconds) if seconds < 0 else ("", seconds)
    if left == 0:
        return "0s"
    if left >= 1:
        whole = int(left)
        days, hours, minutes, rest = whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60
        if days:
            return f"{sign}{days}d {hours}h {minutes}m {rest}s"
        if hours:
            return f"{sign}{hours}h {minutes}m {rest}s"
        return f"{sign}{minutes}m {rest}s" if minutes else f"{sign}{left:.4g}s"
    power = min(max(1, math.ceil(-math.log10(left) / 3)), len(_SMALL))
    return f"{sign}{left * 1000**power:.4g}{_SMALL[power - 1]}s"


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "append": _append,
    "base64decode": _decoded,
    "base64encode": lambda text: base64.urlsafe_b64encode(_text(text).encode()).decode(),
    "date": lambda layout, time: _time(time).format(layout),
    "dict": _dict,
    "humanizeDuration": humanize_duration,
    "join": _join,
    "list": lambda *values: list(values),
    "match": lambda pattern, text: _pattern(pattern).search(_text(text)) is not None,
    "now": lambda: Time(MOMENT.get().now_ns),
    "reReplaceAll": _replaced,
    "routeLabels": lambda name: MOMENT.get().route_labels.get(_text(name), ""),
    "safeHtml": lambda text: SafeText(_text(text)),
    "safeUrl": lambda text: SafeText(_text(text)),
    "since": lambda time: Duration(MOMENT.get().now_ns - (_time(time).nanoseconds or 0)),
    "stringSlice": lambda *texts: [_text(one) for one in texts],
    "title": _title,
    "toJson": lambda value: json.dumps(json_value(value), ensure_ascii=False, separators=(",", ":")),
    "toLower": lambda text: _text(text).lower(),
    "toUpper": lambda text: _text(text).upper(),
    "trimSpace": lambda text: _text(text).strip(),
    "tz": lambda name, time: _time(time).in_zone(_text(name)),
    "urlUnescape": lambda text: unquote_plus(_text(text)),
}

__all__ = ["FUNCTIONS", "KV", "MOMENT", "Moment", "humanize_duration"]
