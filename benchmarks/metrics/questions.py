"""What is asked of every server, and whether their answers are the same."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STEP_SECONDS = 300
OFFSET_SECONDS = 7
"""How far behind samples queries look: no sample lies on the edge of a window, where Prometheus 2 and 3 differ."""
TOLERANCE = 1e-9

Answer = Mapping[Any, Any]
"""Values by what they are of: a series and a time, a label's value, a series' labels."""


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    path: str
    parameters: dict[str, str | int]


def questions(end_s: int, hours: int) -> list[Question]:
    """Over data of so many hours that ends then."""
    last = end_s + OFFSET_SECONDS
    span: dict[str, str | int] = {"start": last - hours * 3600, "end": last}

    def at(name: str, query: str) -> Question:
        return Question(name, "/query", {"query": query, "time": last})

    def over(name: str, query: str) -> Question:
        return Question(f"{name}, {hours} h", "/query_range", {"query": query, "step": STEP_SECONDS, **span})

    def looked_up(name: str, path: str, **parameters: str) -> Question:
        return Question(name, path, {"start": last - 3600, "end": last, **parameters})

    buckets = "latency_seconds_bucket[5m]"
    return [
        at("count of all series", 'count({__name__=~".+"})'),
        over("rate of 1,000 series, each", 'rate(http_requests_total{shard="0"}[5m])'),
        over("rate of 1,000 series, summed", 'sum by (region) (rate(http_requests_total{shard="0"}[5m]))'),
        over("rate of all counters, summed", "sum by (region) (rate(http_requests_total[5m]))"),
        over("histogram_quantile", f"histogram_quantile(0.99, sum by (job, le) (rate({buckets})))"),
        at("topk of all counters", "topk(10, http_requests_total)"),
        over("topk of 1,000 series", 'topk(5, http_requests_total{shard="0"})'),
        at("regex over the wide family", 'sum by (kind) (stock{item=~"item-.*[37]5"})'),
        at("one series of the wide family", 'stock{item="item-0000077"}'),
        looked_up("label values, all of the wide family", "/label/item/values"),
        looked_up("label values, one metric's", "/label/pod/values", **{"match[]": "latency_seconds_bucket"}),
        looked_up("series of a label", "/series", **{"match[]": '{item="item-0000077"}'}),
        looked_up("series of a regex", "/series", **{"match[]": 'http_requests_total{pod=~"api-.*ff"}'}),
    ]


def understood(question: Question, answer: dict[str, Any]) -> Answer:
    data = answer["data"]
    if question.path == "/series":
        return {frozenset(one.items()): 1.0 for one in data}
    if question.path.startswith("/label"):
        return dict.fromkeys(data, 1.0)
    found: dict[Any, float] = {}
    for one in data["result"]:
        labels = frozenset(one["metric"].items())
        samples = one["values"] if "values" in one else [one["value"]]
        found.update(((labels, time), float(value)) for time, value in samples)
    return found


def difference(wanted: Answer, found: Answer) -> str:
    """How one answer differs from another, in words; empty where it does not."""
    missing, surplus = len(wanted.keys() - found.keys()), len(found.keys() - wanted.keys())
    apart = [gap for key in wanted.keys() & found.keys() if (gap := _gap(wanted[key], found[key])) > TOLERANCE]
    parts = [f"lacks {missing:,} of {len(wanted):,}"] if missing else []
    parts += [f"has {surplus:,} more"] if surplus else []
    parts += [f"{len(apart):,} of {len(wanted):,} differ, by up to {max(apart):.2g}"] if apart else []
    return "; ".join(parts)


def _gap(wanted: float, found: float) -> float:
    """Relative to what is wanted."""
    if wanted == found or (math.isnan(wanted) and math.isnan(found)):
        return 0.0
    gap = abs(wanted - found) / max(abs(wanted), abs(found))
    return math.inf if math.isnan(gap) else gap
