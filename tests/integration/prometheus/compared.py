"""The same questions to Prometheus and to Midwatch over the same live samples: compared.yml has them.

`python -m tests.integration.prometheus.compared` prints the table.
"""

import itertools
import math
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from tests import prometheus
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.prometheus.live_target import SCRAPES, LiveTarget, served

QUERIES = Path(__file__).with_name("compared.yml")
SECONDS_MAX = 60.0
_AT_ONCE = 4
_CONFIGURATION = """
global: {{scrape_interval: 150ms, scrape_timeout: 150ms}}
scrape_configs:
  - job_name: demo
    honor_labels: true
    static_configs: [{{targets: ["{target}"]}}]
remote_write:
  - url: {url}/prometheus/api/v1/write
    basic_auth: {{username: midwatch, password: {key}}}
    queue_config: {{batch_send_deadline: 100ms, max_shards: 1}}
"""
_ALL = "sum(count_over_time(demo_saw[1h]))"
_AFTER_MS = 3_500
"""The times that are asked for, after those at which there are samples."""

Values = dict[tuple[tuple[str, str], ...], dict[float, float]]


@dataclass(frozen=True)
class Query:
    group: str
    text: str
    ours: str
    way: str
    """`instant` or `range`."""


@dataclass(frozen=True)
class Compared:
    query: Query
    apart: str
    """Where the answers differ; empty where they do not."""
    named: str
    """The known difference's reason."""

    @property
    def is_wrong(self) -> bool:
        """A difference without a name, or a name without a difference."""
        return bool(self.apart) != bool(self.named)


@dataclass(frozen=True)
class Asking:
    """What compared.yml holds."""

    queries: list[Query]
    known: dict[tuple[str, str], str]
    """Reasons of known differences by query and way."""
    live: frozenset[str]
    """Groups that are asked around the time at which a series left."""
    edges: frozenset[str]
    """Groups that are asked at a time at which there are samples."""


def read() -> Asking:
    """Every query, as an instant and as a range query."""
    found = yaml.safe_load(QUERIES.read_text())
    queries = [
        Query(group, text, ours, way)
        for group, entries in found["groups"].items()
        for entry in entries
        for text, ours in _spelled(entry)
        for way in ("instant", "range")
    ]
    known = {
        (query, way): one["why"]
        for one in found["differences"]
        for query in one["queries"]
        for way in one.get("ways", ("instant", "range"))
    }
    return Asking(queries, known, frozenset(found["live"]), frozenset(found["edges"]))


def _spelled(entry: str | dict[str, Any]) -> Iterator[tuple[str, str]]:
    if isinstance(entry, str):
        yield entry, entry
        return
    text, ours = entry["query"], entry.get("ours", entry["query"])
    lists = {name: values for name, values in entry.items() if name.isupper()}
    for chosen in itertools.product(*lists.values()):
        one, other = text, ours
        for name, value in zip(lists, chosen, strict=True):
            one, other = one.replace(name, str(value)), other.replace(name, str(value))
        yield one, other


@dataclass(frozen=True)
class Both:
    """Two that have the same samples."""

    prometheus: httpx.Client
    midwatch: httpx.Client
    end_ms: int
    left_ms: int
    """About when `live_leaving` left."""

    def compare(self) -> list[Compared]:
        asking = read()
        unknown = asking.known.keys() - {(one.text, one.way) for one in asking.queries}
        assert not unknown, f"differences of queries that are not asked: {sorted(unknown)}"

        def compared(one: Query) -> Compared:
            times = self._times(asking, one)
            path = "query" if one.way == "instant" else "query_range"
            theirs = self._ask(self.prometheus, f"api/v1/{path}", one.text, times)
            ours = self._ask(self.midwatch, f"prometheus/api/v1/{path}", one.ours, times)
            return Compared(one, difference(theirs, ours), asking.known.get((one.text, one.way), ""))

        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return list(threads.map(compared, asking.queries))

    def _times(self, asking: Asking, one: Query) -> dict[str, float]:
        at, before, step = self.end_ms / 1000, 150.0, 25.0
        if one.group in asking.edges:
            at -= _AFTER_MS / 1000
        if one.group in asking.live:
            at, before, step = self.left_ms / 1000 + 1.5, 2.5, 0.25
        return {"time": at} if one.way == "instant" else {"start": at - before, "end": at, "step": step}

    def _ask(self, client: httpx.Client, path: str, text: str, times: dict[str, float]) -> dict[str, Any]:
        query = text.replace("AT", str(self.end_ms // 1000 - 60))
        found: dict[str, Any] = client.post(f"/{path}", data={"query": query, **times}).json()
        return found

    def known_to_prometheus(self, name: str) -> bool:
        """Whether it has a function or an aggregation of that name."""
        found = self._ask(self.prometheus, "api/v1/query", f"{name}()", {})
        return "unknown function" not in found.get("error", "") and "unexpected character" not in found.get("error", "")


def difference(theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    """The first place where two answers differ, with the values of both."""
    kinds = [one.get("errorType", "") or one["data"]["resultType"] for one in (theirs, ours)]
    if kinds[0] != kinds[1]:
        return f"{kinds[0]} and {kinds[1]}: {theirs.get('error', '')} {ours.get('error', '')}"
    if "error" in theirs:
        return ""
    them, us = values(theirs["data"]), values(ours["data"])
    if lacking := sorted(them.keys() ^ us.keys()):
        return f"{dict(lacking[0])} only in {'Prometheus' if lacking[0] in them else 'Midwatch'}"
    for series, points in them.items():
        if times := sorted(points.keys() ^ us[series].keys()):
            return f"{dict(series)} at {times[0]} only in {'Prometheus' if times[0] in points else 'Midwatch'}"
        for at, value in points.items():
            if not is_near(value, us[series][at]):
                return f"{dict(series)} at {at}: {value!r} and {us[series][at]!r}"
    return ""


def values(data: dict[str, Any]) -> Values:
    result = data["result"]
    if data["resultType"] in ("scalar", "string"):
        return {(): {result[0]: float(result[1])}}
    return {
        tuple(sorted(one["metric"].items())): {
            at: float(value) for at, value in one.get("values", [one["value"]] if "value" in one else [])
        }
        for one in result
    }


def is_near(one: float, other: float) -> bool:
    return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


@contextmanager
def both(folder: Path, server: Server) -> Iterator[Both]:
    """A Prometheus that has scraped all, and whose samples Midwatch has."""
    with served() as target:
        text = _CONFIGURATION.format(target=target.address, url=server.url, key=KEY)
        address = prometheus.free_address()
        with prometheus.running(folder, address, text, "promql-at-modifier") as client, server.api() as midwatch:
            yield _filled(client, midwatch, target)


def _filled(client: httpx.Client, midwatch: httpx.Client, target: LiveTarget) -> Both:
    eventually(lambda: target.scrapes > SCRAPES, seconds=SECONDS_MAX)
    left_ms = int(time.time() * 1000)
    end_ms = target.last_ms + _AFTER_MS

    def value(asked: httpx.Client, prefix: str, query: str, at: float) -> float:
        found = asked.get(f"{prefix}/api/v1/query", params={"query": query, "time": at}).json()["data"]["result"]
        return float(found[0]["value"][1]) if found else 0.0

    def has_come() -> bool:
        beat = value(midwatch, "/prometheus", "timestamp(live_beat)", time.time())
        wanted, got = (
            value(asked, prefix, _ALL, end_ms / 1000) for asked, prefix in ((client, ""), (midwatch, "/prometheus"))
        )
        return beat * 1000 > left_ms + 2000 and got == wanted > 0

    eventually(has_come, seconds=SECONDS_MAX)
    return Both(client, midwatch, end_ms, left_ms)


def table(found: list[Compared]) -> str:
    """How many of each group are the same, and every difference."""
    asked, same = Counter(one.query.group for one in found), Counter(one.query.group for one in found if not one.apart)
    lines = [f"{group:24}{asked[group]:6} asked {same[group]:6} the same" for group in asked]
    lines.append(f"{'all':24}{len(found):6} asked {sum(same.values()):6} the same")
    for one in found:
        if one.apart or one.named:
            said = f"known: {one.named}" if one.apart and one.named else ("" if one.apart else "named, but the same")
            lines.append(
                f"{one.query.way:8}{one.query.text}\n        {one.apart or one.named}\n        {said or 'NOT NAMED'}"
            )
    return "\n".join(lines)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data", options=("--retention", "traces=0,logs=0,metrics=0")).start()
        try:
            with both(Path(folder), server) as asked:
                found = asked.compare()
        finally:
            server.stop()
    print(table(found))
    return 1 if any(one.is_wrong for one in found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
