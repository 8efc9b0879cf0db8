"""A query's result as JSON: `{"status":"success","data":{"resultType":…,"result":…},"warnings":…,"infos":…}`."""

from collections.abc import Mapping
from typing import Any

import orjson

from midwatch.server.promql.floats import Ints
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.results import Matrix, Points, Result, Sample, Scalar, String, Vector
from midwatch.server.promql.syntax.text import clean
from midwatch.server.promql.wire.numbers import number, numbers, seconds


def encoded(result: Result, *, limit: int = 0, stats: Mapping[str, Any] | None = None) -> bytes:
    """The whole answer; of a vector or matrix at most `limit` series, 0 being all, and a warning about the others."""
    value, warnings = result.value, list(result.warnings)
    match value:
        case Vector(samples):
            cut = len(samples) > limit > 0
            kind, body = "vector", _list([_sample(one, result.time_ms) for one in samples[: limit or None]])
        case Matrix(series):
            cut = len(series) > limit > 0
            kind, body = "matrix", _matrix(series[: limit or None])
        case Scalar(found):
            cut, kind = False, "scalar"
            body = f'[{seconds(result.time_ms)},"{number(found)}"]'.encode()
        case String(text):
            cut, kind = False, "string"
            body = f"[{seconds(result.time_ms)},".encode() + orjson.dumps(clean(text)) + b"]"
    if cut:
        warnings.append("results truncated due to limit")
    told = b"" if stats is None else b',"stats":' + orjson.dumps(stats)
    data = b'{"resultType":"' + kind.encode() + b'","result":' + body + told + b"}"
    notes = _notes("warnings", warnings) + _notes("infos", result.infos)
    return b'{"status":"success","data":' + data + notes + b"}"


def _notes(name: str, texts: list[str]) -> bytes:
    return f',"{name}":'.encode() + orjson.dumps([clean(text) for text in texts]) if texts else b""


def _list(items: list[bytes]) -> bytes:
    return b"[" + b",".join(items) + b"]"


def _metric(labels: Labels) -> bytes:
    try:
        return orjson.dumps(dict(labels))
    except orjson.JSONEncodeError:  # bytes that are no UTF-8
        return orjson.dumps({clean(name): clean(value) for name, value in labels})


def _sample(one: Sample, time_ms: int) -> bytes:
    if isinstance(one.value, FloatHistogram):
        value = f'"histogram":[{seconds(time_ms)},{_histogram(one.value)}]'
    else:
        value = f'"value":[{seconds(time_ms)},"{number(one.value)}"]'
    return b'{"metric":' + _metric(one.labels) + b"," + value.encode() + b"}"


def _matrix(series: list[Points]) -> bytes:
    heads: dict[bytes, list[bytes]] = {}
    return _list([_points(one, heads) for one in series])


def _points(one: Points, heads: dict[bytes, list[bytes]]) -> bytes:
    parts = [b'{"metric":' + _metric(one.labels)]
    if len(one.values):
        pairs = map(bytes.__add__, _heads(one.times_ms, heads), numbers(one.values))
        parts.append(b',"values":[' + b'"],'.join(pairs) + b'"]]')
    if one.histograms:
        whole = zip(one.histogram_times_ms, one.histograms, strict=True)
        texts = [f"[{seconds(time_ms)},{_histogram(found)}]" for time_ms, found in whole]
        parts.append(f',"histograms":[{",".join(texts)}]'.encode())
    return b"".join(parts) + b"}"


def _heads(times_ms: Ints, known: dict[bytes, list[bytes]]) -> list[bytes]:
    """What stands before each value: the same for all series that have the same steps."""
    key = times_ms.tobytes()
    found = known.get(key)
    if found is None:
        found = known[key] = [f'[{seconds(time_ms)},"'.encode() for time_ms in times_ms.tolist()]
    return found


def _histogram(one: FloatHistogram) -> str:
    parts = [f'"count":"{number(one.count)}","sum":"{number(one.sum)}"']
    buckets = []
    for bucket in one.buckets():
        if bucket.count == 0:
            continue
        if one.uses_custom:
            ends = 3 if bucket.lower == one.bound(-1) else 0
        elif bucket.lower == -bucket.upper:
            ends = 3
        else:
            ends = 1 if bucket.lower < 0 else 0
        texts = ",".join(f'"{number(value)}"' for value in (bucket.lower, bucket.upper, bucket.count))
        buckets.append(f"[{ends},{texts}]")
    if buckets:
        parts.append(f'"buckets":[{",".join(buckets)}]')
    return "{" + ",".join(parts) + "}"
