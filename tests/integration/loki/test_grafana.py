"""What Grafana asks of a Loki data source, in its order (public source: pkg/tsdb/loki and its language provider)."""

import asyncio
import base64
import json
import time
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.conftest import KEY, TOKEN, Server
from tests.integration.loki.conftest import Ask, Push
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

SECOND = 10**9
FLAGS = {"x-loki-response-encoding-flags": "categorize-labels"}


def grafana(server: Server) -> httpx.Client:
    """Its proxy, with the token as the password of Basic."""
    return httpx.Client(base_url=server.url, auth=("grafana", TOKEN), headers=FLAGS, timeout=30)


def test_explore(server: Server, push: Push) -> None:
    """Save & test, labels for the builder, a query with its volume histogram and statistics, and a line's context."""
    now = time.time_ns() - 5 * SECOND
    levels = ("info", "error", "info")
    entries = [(now + n * SECOND, f"line {n} level={level}", {"id": f"{n}"}) for n, level in enumerate(levels)]
    job = push(*entries, cluster="eu")
    query = f'{{job="{job}"}}'
    window = {"start": now - 3600 * SECOND, "end": now + 30 * SECOND}
    with grafana(server) as client:

        def ask(path: str, **params: Any) -> Any:
            answer = client.get(f"/loki/api/v1/{path}", params=params)
            assert answer.status_code == 200, answer.text
            return answer.json()

        health = ask("query", query="vector(1)+vector(1)", direction="", time="4000000000000")["data"]
        assert (health["resultType"], health["result"][0]["value"]) == ("vector", [4000, "2"])
        assert ask("status/buildinfo")["version"].startswith("3.")
        # Whether there is such a thing is what the language provider asks first, of all streams.
        detected = ask("detected_labels", start=window["start"], end=window["end"])["detectedLabels"]
        assert {"job", "cluster"} <= {one["label"] for one in detected}
        labels = ask("labels", start=window["start"], end=window["end"])["data"]
        assert {"job", "cluster", "service_name"} <= set(labels)
        assert job in ask("label/job/values", **window)["data"]
        assert ask("label/cluster/values", query=query, **window)["data"] == ["eu"]
        assert ask("label/level/values", query=query, **window)["data"] == ["error", "info"]
        stats = ask("index/stats", query=query, **window)
        assert (stats["entries"], stats["streams"]) == (3, 2)
        assert stats["bytes"] == sum(len(line) for _, line, _ in entries)
        shown = ask("query_range", query=query, direction="backward", limit=1000, step="15000ms", **window)["data"]
        assert shown["resultType"] == "streams"
        lines = [value for stream in shown["result"] for value in stream["values"]]
        assert sorted(line for _, line, _ in lines) == [line for _, line, _ in entries]
        assert {more["structuredMetadata"]["detected_level"] for *_, more in lines} == {"info", "error"}
        assert "execTime" in shown["stats"]["summary"]
        volume = f"sum by (level, detected_level) (count_over_time({query} | drop __error__[15s]))"
        bars = ask("query_range", query=volume, step="15000ms", direction="backward", **window)["data"]
        counts = {one["metric"]["detected_level"]: sum(int(v) for _, v in one["values"]) for one in bars["result"]}
        assert counts == {"info": 2, "error": 1}
        fields = ask("detected_fields", query=query, limit=1000, start=window["start"], end=window["end"])["fields"]
        told = {one["label"]: one["parsers"] for one in fields}
        assert told == {"id": None, "level": ["logfmt"], "detected_level": None}
        around = {"query": query, "direction": "forward", "limit": 10}
        after = ask("query_range", start=now + SECOND, end=now + 7200 * SECOND, **around)["data"]["result"]
        assert sorted(v[1] for s in after for v in s["values"]) == [line for _, line, _ in entries[1:]]
        series = ask("series", **{"match[]": query}, **window)["data"]
        own = {"job": job, "service_name": job, "cluster": "eu"}
        assert series == [own | {"level": "error"}, own | {"level": "info"}]
        bytes_by = ask("index/volume", query=query, targetLabels="cluster", **window)["data"]["result"]
        assert [(one["metric"], one["value"][1]) for one in bytes_by] == [({"cluster": "eu"}, str(stats["bytes"]))]
        assert client.get("/loki/ready").text == "ready\n"


def test_what_lines_have_in_them(client: httpx.Client, push: Push) -> None:
    """Labels by their number of values; fields of metadata, JSON and logfmt with type and parser; values of one."""
    now = time.time_ns() - 5 * SECOND
    lines = [
        f'{{"took": "{n}ms", "status": {200 + n % 2}, "user": {{"id": "u{n}"}}, "ok": {str(n > 1).lower()}}}'
        for n in range(4)
    ]
    job = push(*((now + n, line, {"request_id": f"r{n}"}) for n, line in enumerate(lines)), cluster="eu")
    push((now, "took=1.5s size=3KB ratio=0.5", {}), job=job, cluster="us")

    def ask(path: str, **more: Any) -> Any:
        params = {"query": f'{{job="{job}"}}', "start": now - SECOND, "end": now + SECOND, **more}
        answer = client.get(f"/loki/api/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    labels = {one["label"]: one["cardinality"] for one in ask("detected_labels")["detectedLabels"]}
    assert labels == {"job": 1, "service_name": 1, "cluster": 2}
    found = {one.pop("label"): one for one in ask("detected_fields")["fields"]}
    assert found == {
        "request_id": {"type": "string", "cardinality": 4, "parsers": None},
        "took": {"type": "duration", "cardinality": 5, "parsers": ["json"]},
        "status": {"type": "int", "cardinality": 2, "parsers": ["json"]},
        "user_id": {"type": "string", "cardinality": 4, "parsers": ["json"]},
        "ok": {"type": "boolean", "cardinality": 2, "parsers": ["json"]},
        "size": {"type": "bytes", "cardinality": 1, "parsers": ["logfmt"]},
        "ratio": {"type": "float", "cardinality": 1, "parsers": ["logfmt"]},
    }
    newest = ask("detected_fields", line_limit=1, limit=2)
    assert (len(newest["fields"]), newest["limit"]) == (2, 2)
    assert ask("detected_field/status/values")["values"] == ["200", "201"]
    parsed = ask("detected_fields", query=f'{{job="{job}"}} | json | status = 201')["fields"]
    assert {one["label"]: one["parsers"] for one in parsed}["status"] is None
    assert {one["label"]: one["cardinality"] for one in parsed}["request_id"] == 2
    assert ask("detected_field/nothing/values")["values"] == []
    numbers = client.get("/loki/api/v1/detected_fields", params={"query": f'rate({{job="{job}"}}[1m])'})
    assert (numbers.status_code, numbers.text.strip()) == (400, "query: expected a query of lines, not of numbers")


def test_long_questions_come_in_forms(client: httpx.Client, push: Push) -> None:
    """Each question by POST answers as by GET, and a form goes before the address; another body asks nothing."""
    now = time.time_ns() - 5 * SECOND
    job = push((now, "a=1", {"id": "7"}), (now + 1, "a=2", {}))
    query = f'{{job="{job}"}}'
    window = {"start": now - SECOND, "end": now + SECOND}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("query_range", {"query": query, **window}),
        ("query", {"query": f"sum(count_over_time({query}[1m]))", "time": now + SECOND}),
        *((path, {"query": query, **window}) for path in ("labels", "label", "label/job/values", "index/stats")),
        *((path, {"query": query, **window}) for path in ("index/volume", "detected_labels", "detected_fields")),
        ("detected_field/a/values", {"query": query, **window}),
        ("series", {"match[]": query, **window}),
    ]

    def without_times(answer: httpx.Response) -> Any:
        assert answer.status_code == 200, answer.text
        found = answer.json()
        if isinstance(data := found.get("data"), dict):
            data.pop("stats", None)
        return found

    for path, params in asked:
        plain = without_times(client.get(f"/loki/api/v1/{path}", params=params))
        assert without_times(client.post(f"/loki/api/v1/{path}", data=params)) == plain, path
    both = client.post("/loki/api/v1/labels", params={"query": "{"}, data={"query": query, **window})
    assert "job" in both.json()["data"]
    other = client.post("/loki/api/v1/query", json={"query": query})
    assert (other.status_code, "no expression found in input" in other.text) == (400, True)
    wrong = client.post("/loki/api/v1/query", data={"query": "{"})
    assert (wrong.status_code, "parse error at line 1" in wrong.text) == (400, True)


@pytest.mark.parametrize(
    ("path", "params", "status", "said"),
    [
        ("query_range", {"query": '{a="b"'}, 400, 'parse error at line 1, col 7: unexpected end of input'),
        ("query_range", {"query": ""}, 400, "no expression found in input"),
        ("query", {"query": '{a="b"} | line_format "{{ range .x }}"'}, 400, "parse error at line 1, col 23: template"),
        ("query_range", {"query": '{a="b"}', "limit": 6000}, 400, "max entries limit"),
        ("query_range", {"query": '{a="b"}', "start": 5, "end": 4}, 400, "end timestamp must not be before"),
        ("query_range", {"query": "vector(1)", "start": 1, "end": 20000, "step": "1s"}, 400, "maximum resolution"),
        ("query_range", {"query": '{a="b"}', "direction": "up"}, 400, "expected forward or backward"),
        ("query_range", {"query": '{a="b"}', "start": "yesterday"}, 400, "start='yesterday'"),
        ("labels", {"query": "{"}, 400, "parse error at line 1, col 2"),
        ("nothing", {}, 404, "no such route"),
    ],
)  # fmt: skip
def test_refused(client: httpx.Client, path: str, params: dict[str, Any], status: int, said: str) -> None:
    """Plain text that names the mistake and its place, which Grafana shows as it is."""
    answer = client.get(f"/loki/api/v1/{path}", params=params)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert said in answer.text


def test_live(server: Server, push: Push) -> None:
    """A tail shows what there is, then each line once as it comes, through the query's own pipeline."""
    job = push("before keep=1")

    async def tail() -> list[str]:
        url = server.url.replace("http://", "ws://") + "/loki/api/v1/tail"
        query = quote(f'{{job="{job}"}} |= `keep` | logfmt | line_format "{{{{.keep}}}}"')
        basic = base64.b64encode(f"grafana:{TOKEN}".encode()).decode()
        headers = {"authorization": f"Basic {basic}"}
        seen: list[str] = []
        async with connect(f"{url}?query={query}&limit=10", additional_headers=headers) as socket:

            async def until(count: int) -> None:
                while len(seen) < count:
                    frame = json.loads(await asyncio.wait_for(socket.recv(), 20))
                    seen.extend(value[1] for stream in frame["streams"] for value in stream["values"])

            await until(1)
            await asyncio.to_thread(push, "after keep=2", "left out", "after keep=3", job=job)
            await until(3)
            await asyncio.to_thread(push, "later keep=4", job=job)
            await until(4)
        return seen

    assert asyncio.run(tail()) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("authorization", "query", "status"),
    [
        ("", "{a=`b`}", 401),
        ("Bearer mwt_unknown", "{a=`b`}", 401),
        (f"Bearer {KEY}", "{a=`b`}", 403),
        (f"Bearer {TOKEN}", "{a=", 400),
        (f"Bearer {TOKEN}", "rate({a=`b`}[1m])", 400),
    ],
)
def test_who_may_tail(server: Server, authorization: str, query: str, status: int) -> None:
    """Only a token that may read opens a tail, and only of a log query."""

    async def refused() -> int:
        url = server.url.replace("http://", "ws://") + "/loki/api/v1/tail?query=" + query
        headers = {"authorization": authorization} if authorization else {}
        with pytest.raises(InvalidStatus) as caught:
            async with connect(url, additional_headers=headers):
                pass
        return caught.value.response.status_code

    assert asyncio.run(refused()) == status


def test_a_selector_over_one_environment(ask: Ask, push: Push) -> None:
    """`env` and `level` are labels of every record, also of those that were pushed under other names for them."""
    job = push("x", environment="test", severity="fatal")
    found = ask("query_range", query=f'{{env="test", level="fatal", job="{job}"}}')["result"]
    assert [stream["stream"]["environment"] for stream in found] == ["test"]
