"""LogQL's stages over stored lines: each a query and the lines, or labels, that it gives."""

from typing import Any

import pytest
from tests.integration.loki.conftest import Ask, Push

pytestmark = pytest.mark.thorough

JSON = (
    '{"method":"GET","status":200,"took":"150ms","size":"2KB","user":{"id":7,"name":"ann"},'
    '"tags":["a"],"msg":"hello world"}'
)
JSON_BAD = '{"method":"POST","status":503,"took":"2.5s","size":"3MiB","user":{"id":8,"name":"bob"},"msg":"no room"}'
LOGFMT = 'level=warn method=PUT status=404 msg="not found here" ip=10.1.2.3'
PLAIN = '192.168.0.9 - - "DELETE /orders/5 HTTP/1.1" 204'
COLOURED = "\x1b[31mred\x1b[0m done"


@pytest.fixture(scope="module")
def job(push: Push) -> str:
    return push(JSON, JSON_BAD, LOGFMT, PLAIN, COLOURED, env="prod", cluster="eu")


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ("", [JSON, JSON_BAD, LOGFMT, PLAIN, COLOURED]),
        ('|= "hello"', [JSON]),
        ('|= "hello" or "no room"', [JSON, JSON_BAD]),
        ('|= "not found here"', [LOGFMT]),
        ('|= "Hello"', []),
        ('|= "DELETE /orders/5 HTTP" or "- - nothing here"', [PLAIN]),
        ('!= "method" != "done"', [PLAIN]),
        ('|~ "(?i)HELLO|DELETE"', [JSON, PLAIN]),
        ('!~ "method|done"', [PLAIN]),
        ('|> "<_> - - <_> 204"', [PLAIN]),
        ('!> "{<_>" != "done"', [LOGFMT, PLAIN]),
        ('|= ip("192.168.0.0/16")', [PLAIN]),
        ("| json | status >= 500 | __error__=``", [JSON_BAD]),
        ('| json | __error__="" | status=200 or took > 2s', [JSON, JSON_BAD]),
        ('| json | __error__="" | took < 1s and size > 1KB', [JSON]),
        ('| json | size >= 3MiB | __error__=""', [JSON_BAD]),
        ('| json | user_name="ann"', [JSON]),
        ('| json | user_name=~"a.+|x"', [JSON]),
        ('| json name="user.name", first="tags[0]" | first="a"', [JSON]),
        ('| json | __error__="JSONParserErr"', [LOGFMT, PLAIN, COLOURED]),
        ("| logfmt | status = 404", [LOGFMT]),
        ('| logfmt text="msg" | text="not found here"', [LOGFMT]),
        ('| logfmt | ip = ip("10.0.0.0/8")', [LOGFMT]),
        ('| pattern `<ip> - - "<method> <path> <_>" <status>` | method="DELETE" | path="/orders/5"', [PLAIN]),
        (r'| regexp "\"(?P<method>\\w+) /(?P<what>\\w+)" | what="orders"', [PLAIN]),
        ("|= `done` | decolorize", ["red done"]),
        ('|= "hello" | json | line_format "{{.method}} {{.user_name | ToUpper}}"', ["GET ANN"]),
        ('|= "hello" | json | line_format "{{if eq .status \\"200\\"}}ok{{else}}bad{{end}}"', ["ok"]),
        ('|= "hello" | json | line_format "{{.method}}" |= "GET"', ["GET"]),
        ('|= "hello" | json | label_format who=user_name | line_format "{{.who}}{{.user_name}}"', ["ann"]),
        ('|= "hello" | json | label_format who="{{.user_name}}!" | line_format "{{.who}}"', ["ann!"]),
        ('|= "hello" | json | drop method | line_format "{{.method}}-{{.status}}"', ["-200"]),
        ('|= "hello" | json | keep method | line_format "{{.method}}-{{.status}}"', ["GET-"]),
        ('|= "hello" | line_format `{{ trunc 5 __line__ }}`', [JSON[:5]]),
        ('|= "hello" | json | line_format `{{ printf "%-5s|%03d" .method (int .status) }}`', ["GET  |200"]),
        ('|= "hello" | json | line_format `{{ regexReplaceAll "(h)(e)" .msg "$2$1" }}`', ["ehllo world"]),
        (
            '|= "hello" | json | line_format `{{ .nothing | default "none" }} {{ Replace .msg "l" "L" -1 }}`',
            ["none heLLo worLd"],
        ),
        ('| detected_level="warn"', [LOGFMT]),
        ('| cluster="us"', []),
    ],
)
def test_lines(lines_of: Any, job: str, stages: str, expected: list[str]) -> None:
    """What a pipeline lets through, and what it makes of it."""
    assert lines_of(f'{{job="{job}"}} {stages}') == expected


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ('{job="%s", cluster="eu"}', True),
        ('{job="%s", cluster!="eu"}', False),
        ('{job="%s", cluster=~"e.|us"}', True),
        ('{job="%s", cluster=~"e"}', False),
        ('{job="%s", cluster!~"us|de"}', True),
        ('{job="%s", nothing=""}', True),
        ('{job="%s", env="prod"}', True),
        ('{service_name="%s"}', True),
        ('{service_name=~"%s"}', True),
        ('{job="%s", env="test"}', False),
    ],
)
def test_selectors(lines_of: Any, job: str, selector: str, found: bool) -> None:
    """Matchers over a pushed stream's own labels, and over those that every record has."""
    assert bool(lines_of(selector % job)) is found


def test_labels_of_lines(ask: Ask, push: Push) -> None:
    """With Grafana's flag metadata and parsed labels stand beside the line; without it among the stream's."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    now = 1_700_000_000_000_000_000
    job = push((now, '{"a":{"b":1},"job":"x"}', {"trace_id": trace, "pod": "p-1"}), level="error")
    params = {"query": f'{{job="{job}"}} | json', "start": now - 1, "end": now + 1}
    stream = {"job": job, "service_name": job, "level": "error"}
    metadata = {"trace_id": trace, "pod": "p-1", "detected_level": "error"}
    parsed = {"a_b": "1", "job_extracted": "x"}
    flags = {"x-loki-response-encoding-flags": "categorize-labels"}
    data = ask("query_range", headers=flags, **params)
    assert data["encodingFlags"] == ["categorize-labels"]
    line = '{"a":{"b":1},"job":"x"}'
    values = [[str(now), line, {"structuredMetadata": metadata, "parsed": parsed}]]
    assert data["result"] == [{"stream": stream, "values": values}]
    merged = ask("query_range", **params)["result"]
    assert merged == [{"stream": {**stream, **metadata, **parsed}, "values": [[str(now), line]]}]


def test_order_and_limit(lines_of: Any, ask: Ask, push: Push) -> None:
    """Newest first by default, oldest first when asked; the limit keeps the first of that order."""
    job = push(*(f"line {n}" for n in range(5)))
    query = f'{{job="{job}"}}'
    assert lines_of(query, limit=2) == ["line 0", "line 1"]
    newest = ask("query_range", query=query, limit=2)["result"]
    assert [line for stream in newest for _, line in stream["values"]] == ["line 4", "line 3"]
    instant = ask("query", query=query, limit=1)["result"]
    assert [line for stream in instant for _, line in stream["values"]] == ["line 4"]
