"""LogQL's tree as SQL: names, paths, templates and windows; users' texts are parameters and nothing else."""

import re
from typing import Any

import pytest

from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.logql.errors import Unsupported
from midwatch.server.query.logql.sql.labels import metadata, name_of, stream_labels
from midwatch.server.query.logql.sql.params import Params
from midwatch.server.query.logql.sql.parsers import json_path
from midwatch.server.query.logql.sql.pipeline import Pipeline
from midwatch.server.query.logql.sql.ranges import Window, statement
from midwatch.server.query.logql.syntax import parse
from midwatch.server.query.logql.syntax.ast import Grouping, LogQuery, MetricQuery
from midwatch.server.query.source import Scope

SCOPE = Scope(TimeRange(0, 10**9))


def pipeline(text: str) -> tuple[Pipeline, Params]:
    query, params = parse(text), Params(SCOPE.params)
    assert isinstance(query, LogQuery)
    return Pipeline(query, SCOPE.where(), params), params


EVIL = "x' OR 1=1 --\\"


@pytest.mark.parametrize(
    "query",
    [
        "{a=E, b!=E, service_name=E, k8s_pod_name=E}",
        '{a="b"} |= E or "y" != E',
        '{a="b"} |= "one \' two three\' four"',
        '{a="b"} | json | x=E | y!=E',
        '{a="b"} | logfmt x=E | line_format E | label_format y=E',
        '{a="b"} | drop x=E | keep y=E',
        '{a="b"} | pattern "<x>\' OR 1=1 --<y>z"',
        '{a="b"} | line_format `{{ Replace .x "\' OR 1=1 --" "b" -1 }}`',
    ],
)
def test_texts_are_parameters(query: str) -> None:
    """No text of a query stands in the statement."""
    quoted = '"' + EVIL.replace("\\", "\\\\").replace('"', '\\"') + '"'
    built, params = pipeline(query.replace("E", quoted))
    sql = built.relation + built.line + built.all_labels()
    assert "OR 1=1" not in sql
    assert "' two" not in sql
    names = set(re.findall(r"\{(l\d+):String\}", sql))
    assert names <= set(params.values)


@pytest.mark.parametrize(
    ("key", "name"), [("http.route", "http_route"), ("a-b c", "a_b_c"), ("2xx", "_2xx"), ("plain_1", "plain_1")]
)
def test_names(key: str, name: str) -> None:
    """Labels have letters, digits and underscores."""
    assert name_of(key) == name


def test_labels_of_a_row() -> None:
    """A pushed stream's labels, those that every record has, Loki's of OTLP; the rest is structured metadata."""
    row: dict[str, Any] = {
        "service": "shop",
        "env": "prod",
        "level": "warn",
        "trace_id": "t",
        "span_id": "",
        "scope": "",
        "event": "",
        "resource": {"job": "x", "level": "WARN", "k8s.pod.name": "p", "service.name": "shop", "host.name": "h"},
        "attributes": {"http.route": "/x", "empty": ""},
    }
    stream = {"job": "x", "level": "WARN", "k8s_pod_name": "p", "service_name": "shop", "env": "prod"}
    assert stream_labels(row) == stream
    assert metadata(row) == {"host_name": "h", "http_route": "/x", "trace_id": "t", "detected_level": "warn"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ["a"]),
        ("a.b[0].c", ["a", "b", 0, "c"]),
        ('a["b.c"]', ["a", "b.c"]),
        ("[2]", [2]),
        ("a..b", None),
        ("", None),
        ("a[x]", None),
    ],
)
def test_json_paths(text: str, path: list[str | int] | None) -> None:
    """Names, quoted names and places in arrays."""
    if path is None:
        with pytest.raises(ValueError, match="expected a path"):
            json_path(text)
    else:
        assert json_path(text) == path


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ .x", "{{ without }}"),
        ("{{ range .x }}", "is not known here: expected fields, functions and if"),
        ("{{ with .x }}", "is not known here"),
        ("{{ $x := .y }}", "is not known here"),
        ("{{ fromJson .x }}", "function 'fromJson' is not known here: expected one of"),
        ("{{ lower }}", "lower: expected 1 operands, got 0"),
        ("{{ lower .x .y }}", "lower: expected 1 operands, got 2"),
        ("{{ .x .y }}", "can't give argument to non-function .x"),
        ("{{ if .x }}y", "if without end"),
        ("y{{ end }}", "without an if"),
        ("{{ if .x }}{{ else }}y", "else without end"),
        ("{{ (lower .x }}", "unclosed left parenthesis"),
        ("{{ }}", "missing value for command"),
        ('{{ regexReplaceAll "(" .x "y" }}', "error parsing regexp"),
        ('{{ printf "%d" }}', "more verbs than operands"),
        ("{{if .x}}" * 30 + "{{end}}" * 30, "nested deeper"),
    ],
)
def test_templates_that_are_refused(template: str, said: str) -> None:
    """What is not known of Go's templates is named, with its place in the query."""
    with pytest.raises(Unsupported) as refused:
        pipeline(f'{{a="b"}} | line_format `{template}`')
    assert said in refused.value.message
    assert refused.value.column == 23


@pytest.mark.parametrize(
    ("seconds", "step", "steps", "bucket"), [(60, 15, 9, 15), (60, 60, 9, 60), (25, 10, 9, 5), (60, 15, 1, 60)]
)
def test_windows(seconds: int, step: int, steps: int, bucket: int) -> None:
    """Windows are whole numbers of buckets; a single one is its own."""
    window = Window(first_ns=100 * 10**9, step_ns=step * 10**9, steps=steps, range_ns=seconds * 10**9)
    assert window.bucket_ns == bucket * 10**9
    assert (window.after_ns, window.until_ns) == ((100 - seconds) * 10**9, (100 + step * (steps - 1)) * 10**9)


def test_labels_that_are_grouped_by_are_all_that_is_read() -> None:
    """A statement for `sum by (level)` has no map of all labels in it."""
    query = parse('sum by (level) (count_over_time({a="b"}[1m]))')
    assert isinstance(query, MetricQuery)
    window = Window(0, 60 * 10**9, 5, 60 * 10**9)
    grouped = statement(query.ranges[0], SCOPE, window, Grouping(("level",), without=False))
    assert grouped.labels == ("level",)
    assert "mapSort" not in grouped.sql
    assert "mapSort" in statement(query.ranges[0], SCOPE, window, None).sql
