"""Pages of metrics: Prometheus text 0.0.4 (and 1.0.0) and OpenMetrics 1.0, line by line.

Not by prometheus_client's parser, which takes 60 µs a line of a busy machine and refuses what Prometheus takes
(families that are not together, samples that do not fit their type). The name and labels of a line stay one text here,
since they are the same on every page: who reads many pages of a target looks them up. `read_labels` takes them apart.
"""

import re
from dataclasses import dataclass, field

TYPES = {
    "unknown": 0, "untyped": 0, "counter": 1, "gauge": 2, "histogram": 3, "gaugehistogram": 4, "summary": 5, "info": 6,
    "stateset": 7,
}  # fmt: skip
"""As `MetricMetadata` of remote write numbers them."""
TEXT_TYPES = frozenset({"counter", "gauge", "histogram", "summary", "untyped"})
NAME = "__name__"
LINE_SHOWN_MAX = 120

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_QUOTED = r'"(?:[^"\\\n]|\\.)*"'
_SERIES = re.compile(rf"(?:{_NAME})?[ \t]*\{{(?:[^\"}}\n]|{_QUOTED})*\}}|{_NAME}")
_WORD = re.compile(rf"[ \t]*({_NAME}|{_QUOTED})[ \t]*")
_VALUE = re.compile(rf"=[ \t]*({_QUOTED})[ \t]*")
_ESCAPE = re.compile(r'\\(["\\n])')
_META = re.compile(rf"#[ \t]+(HELP|TYPE|UNIT)[ \t]+({_NAME}|{_QUOTED})(?:[ \t]+(.*))?$")


class BadPage(Exception):
    """The page is not what it says it is; the message names the line and what was expected."""


@dataclass(frozen=True, slots=True)
class Exemplar:
    labels: tuple[tuple[str, str], ...]
    value: float
    time_ms: int | None


@dataclass(slots=True)
class Meta:
    type: str = "unknown"
    help: str = ""
    unit: str = ""


@dataclass(slots=True)
class Page:
    samples: list[tuple[str, float, int | None, Exemplar | None, int]] = field(default_factory=list)
    """Name and labels as they stand there, value, time in milliseconds, exemplar, number of the line."""
    families: dict[str, Meta] = field(default_factory=dict)


def read_page(text: str, *, open_metrics: bool) -> Page:
    """Raises BadPage."""
    page = Page()
    ended = False
    for number, line in enumerate(text.split("\n"), start=1):
        if ended and line:
            raise _bad(number, line, "expected nothing after # EOF")
        if line.startswith("#"):
            if open_metrics and line.rstrip("\r") == "# EOF":
                ended = True
            else:
                _read_comment(page, number, line, open_metrics=open_metrics)
        elif line and not line.isspace():
            page.samples.append(_read_sample(number, line, open_metrics=open_metrics))
    if open_metrics and not ended:
        raise BadPage("expected # EOF at the end: the page was cut, or is no OpenMetrics")
    return page


def read_labels(series: str) -> dict[str, str]:
    """Name and labels of what `Page.samples` holds. Raises BadPage, without a line."""
    name, brace, rest = series.partition("{")
    labels: dict[str, str] = {}
    if name := name.strip():
        labels[NAME] = name
    if not brace:
        return labels
    inner, position = rest[:-1], 0
    while position < len(inner):
        word = _WORD.match(inner, position)
        if word is None:
            if inner[position:].strip() == "":
                break
            raise BadPage(f"{_cut(series)}: expected a label at {inner[position : position + 20]!r}")
        key = _plain(word[1])
        value = _VALUE.match(inner, word.end())
        if value is not None:
            position = value.end()
            if key in labels:
                raise BadPage(f"{_cut(series)}: label {key!r} stands there twice")
            labels[key] = _plain(value[1])
        elif word[1].startswith('"') and NAME not in labels:
            position = word.end()
            labels[NAME] = key
        else:
            raise BadPage(f'{_cut(series)}: expected ="…" after {key!r}')
        if position < len(inner):
            if inner[position] != ",":
                raise BadPage(f"{_cut(series)}: expected a comma at {inner[position : position + 20]!r}")
            position += 1
    return labels


def _read_sample(number: int, line: str, *, open_metrics: bool) -> tuple[str, float, int | None, Exemplar | None, int]:
    match = _SERIES.match(line)
    if match is None:
        raise _bad(number, line, "expected a name or labels")
    rest, exemplar = line[match.end() :], None
    if open_metrics and "#" in rest:
        rest, _, told = rest.partition("#")
        exemplar = _read_exemplar(number, line, told)
    parts = rest.split()
    if not 1 <= len(parts) <= 2 or rest[0] not in " \t":
        raise _bad(number, line, "expected a value, and a time at most, after a blank")
    time_ms = None if len(parts) == 1 else _time(number, line, parts[1], open_metrics=open_metrics)
    return match[0], _number(number, line, parts[0]), time_ms, exemplar, number


def _read_exemplar(number: int, line: str, told: str) -> Exemplar:
    told = told.strip()
    match = _SERIES.match(told)
    if match is None or not told.startswith("{"):
        raise _bad(number, line, "expected labels of an exemplar after #")
    parts = told[match.end() :].split()
    if not 1 <= len(parts) <= 2:
        raise _bad(number, line, "expected a value, and a time at most, of the exemplar")
    try:
        labels = read_labels(match[0])
    except BadPage as error:
        raise _bad(number, line, str(error)) from None
    time_ms = _time(number, line, parts[1], open_metrics=True) if len(parts) == 2 else None
    return Exemplar(tuple(sorted(labels.items())), _number(number, line, parts[0]), time_ms)


def _read_comment(page: Page, number: int, line: str, *, open_metrics: bool) -> None:
    match = _META.match(line.rstrip("\r"))
    if match is None:
        return  # any other comment
    what, name, told = match[1], _plain(match[2]), match[3] or ""
    family = page.families.setdefault(name, Meta())
    if what == "TYPE":
        told = told.strip()
        if told not in (TYPES if open_metrics else TEXT_TYPES):
            raise _bad(number, line, f"type={told[:40]!r}: expected {', '.join(sorted(TYPES))}")
        family.type = told
    elif what == "UNIT":
        family.unit = told.strip()
    else:
        family.help = _ESCAPE.sub(_escaped, told)


def _number(number: int, line: str, text: str) -> float:
    try:
        if "_" not in text:
            return float(text)
    except ValueError:
        pass
    raise _bad(number, line, f"value={text[:40]!r}: expected a number")


def _time(number: int, line: str, text: str, *, open_metrics: bool) -> int:
    """Milliseconds; OpenMetrics writes seconds."""
    try:
        if "_" not in text:
            return round(float(text) * 1000) if open_metrics else int(text)
    except (ValueError, OverflowError):
        pass
    expected = "seconds" if open_metrics else "whole milliseconds"
    raise _bad(number, line, f"time={text[:40]!r}: expected {expected} since 1970")


def _plain(text: str) -> str:
    """Without quotes and escapes; a backslash before any other character stands for itself."""
    return _ESCAPE.sub(_escaped, text[1:-1]) if text.startswith('"') else text


def _escaped(match: "re.Match[str]") -> str:
    return "\n" if match[1] == "n" else match[1]


def _bad(number: int, line: str, problem: str) -> BadPage:
    return BadPage(f"line {number}: {problem}; it reads {_cut(line)!r}")


def _cut(line: str) -> str:
    return line if len(line) <= LINE_SHOWN_MAX else f"{line[:LINE_SHOWN_MAX]}…"
