"""Loki's answers in JSON: streams with their lines, and the statistics that its clients look for."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

CATEGORIZE = "categorize-labels"
"""The flag with which Grafana asks for metadata and parsed labels beside each line and not among the stream's."""


class Line(Protocol):
    @property
    def time_ns(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def stream(self) -> Mapping[str, str]: ...
    @property
    def metadata(self) -> Mapping[str, str]: ...
    @property
    def parsed(self) -> Mapping[str, str]: ...


def streams(lines: Iterable[Line], *, categorized: bool) -> list[dict[str, Any]]:
    """Lines by their labels, in the order in which they come."""
    found: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    for line in lines:
        labels = line.stream if categorized else {**line.stream, **line.metadata, **line.parsed}
        key = tuple(sorted(labels.items()))
        stream = found.setdefault(key, {"stream": dict(key), "values": []})
        value: list[Any] = [str(line.time_ns), line.text]
        if categorized:
            kinds = {"structuredMetadata": dict(line.metadata), "parsed": dict(line.parsed)}
            value.append({kind: labels for kind, labels in kinds.items() if labels})
        stream["values"].append(value)
    return list(found.values())


def success(
    kind: str, result: list[Any], seconds: float, *, lines: int = 0, categorized: bool = False
) -> dict[str, Any]:
    data: dict[str, Any] = {"resultType": kind, "result": result, "stats": stats(seconds, lines)}
    if categorized:
        data["encodingFlags"] = [CATEGORIZE]
    return {"status": "success", "data": data}


def stats(seconds: float, lines: int = 0) -> dict[str, Any]:
    """What Grafana shows of a query's cost; parts that there are none of here are zero."""
    return {
        "summary": {
            "bytesProcessedPerSecond": 0,
            "linesProcessedPerSecond": 0,
            "totalBytesProcessed": 0,
            "totalLinesProcessed": 0,
            "execTime": round(seconds, 6),
            "queueTime": 0,
            "subqueries": 0,
            "totalEntriesReturned": lines,
            "splits": 0,
            "shards": 0,
        },
        "querier": {},
        "ingester": {},
        "cache": {},
    }
