"""The series notation of promqltest and promtool: `name{label="value"} 1+2x3 _ stale {{schema:0 buckets:[1]}}x2`."""

import re
from dataclasses import dataclass, replace

from midwatch.server.promql.floats import STALE
from midwatch.server.promql.histogram import FloatHistogram, Hint, dense
from midwatch.server.promql.histogram.arithmetic import minus, plus
from midwatch.server.promql.labels import NAME, Labels, make
from midwatch.server.promql.syntax.text import parse_number, unquote

_NUMBER = r"(?:[0-9][0-9_]*\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[iI]nf|[nN]a[nN])"
_STRING = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`"
_BLANK = re.compile(r"_(?:x(\d+))?")
_FLOAT = re.compile(rf"(stale|[+-]?{_NUMBER})([+-]{_NUMBER})?(?:x(\d+))?")
_NATIVE = re.compile(r"\{\{(.*?)\}\}(?:([+-])\{\{(.*?)\}\})?(?:x(\d+))?", re.DOTALL)
_FIELD = re.compile(r"([a-z_]+):(\[[^\]]*\]|\S+)")
_PAIR = re.compile(rf"\s*(?:({_STRING})|([A-Za-z_][A-Za-z0-9_]*))\s*(?:=\s*({_STRING}))?\s*,?")
_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_HINTS = {"unknown": Hint.UNKNOWN, "reset": Hint.RESET, "not_reset": Hint.NOT_RESET, "gauge": Hint.GAUGE}


@dataclass(frozen=True)
class Value:
    """One place in a series: None where nothing is; `hint_matters` where a histogram's hint was written."""

    value: float | FloatHistogram | None
    hint_matters: bool = False


def parse_metric(text: str) -> tuple[Labels, str]:
    """A label set and what follows it."""
    labels: dict[str, str] = {}
    match = _NAME.match(text)
    at = 0
    if match:
        labels[NAME], at = match[0], match.end()
    rest = text[at:].lstrip()
    if rest.startswith("{") and not rest.startswith("{{"):
        at = 1
        while not rest[at:].lstrip().startswith("}"):
            pair = _PAIR.match(rest, at)
            if pair is None or pair.end() == at:
                raise ValueError(f"cannot read labels of {text!r}")
            name = unquote(pair[1]) if pair[1] else pair[2]
            if pair[3] is None:
                name, value = NAME, name
            else:
                value = unquote(pair[3])
            labels[name] = value
            at = pair.end()
        rest = rest[rest.index("}", at) + 1 :]
    elif not match:
        raise ValueError(f"cannot read series {text!r}")
    return make(labels), rest


def parse_series(line: str) -> tuple[Labels, list[Value]]:
    labels, rest = parse_metric(line)
    out: list[Value] = []
    at = 0
    while at < len(rest):
        if rest[at] in " \t":
            at += 1
            continue
        for pattern, read in ((_NATIVE, _natives), (_BLANK, _blanks), (_FLOAT, _floats)):
            match = pattern.match(rest, at)
            if match and (match.end() == len(rest) or rest[match.end()] in " \t"):
                out += read(match)
                at = match.end()
                break
        else:
            raise ValueError(f"cannot read value {rest[at:]!r} of {line!r}")
    return labels, out


def _blanks(match: re.Match[str]) -> list[Value]:
    return [Value(None)] * int(match[1] or 1)


def _floats(match: re.Match[str]) -> list[Value]:
    times = int(match[3] or 0) + 1
    if match[1] == "stale":
        return [Value(STALE)] * times
    value, step = parse_number(match[1]), parse_number(match[2]) if match[2] else 0.0
    out = []
    for _ in range(times):
        out.append(Value(value))
        if match[2]:
            value += step
    return out


def _natives(match: re.Match[str]) -> list[Value]:
    histogram, matters = _histogram(match[1])
    out = [Value(histogram, matters)]
    step = None
    if match[2]:
        step, matters = _histogram(match[3])
        out = [Value(histogram, matters)]
    for _ in range(int(match[4] or 0)):
        if step is not None:
            histogram = (plus if match[2] == "+" else minus)(histogram, step).histogram
        out.append(Value(histogram, matters))
    return out


def _histogram(text: str) -> tuple[FloatHistogram, bool]:
    fields = dict(_FIELD.findall(text))

    def numbers(name: str) -> list[float]:
        return [parse_number(one) for one in fields.get(name, "[]").strip("[]").split()]

    histogram = FloatHistogram(
        schema=int(fields.get("schema", 0)),
        count=parse_number(fields.get("count", "0")),
        sum=parse_number(fields.get("sum", "0")),
        zero_threshold=parse_number(fields.get("z_bucket_w", "0")),
        zero_count=parse_number(fields.get("z_bucket", "0")),
        positive=dense(int(fields.get("offset", 0)), numbers("buckets")),
        negative=dense(int(fields.get("n_offset", 0)), numbers("n_buckets")),
        custom=tuple(numbers("custom_values")),
    )
    hint = fields.get("counter_reset_hint")
    return replace(histogram, hint=_HINTS[hint] if hint else Hint.UNKNOWN), hint is not None
