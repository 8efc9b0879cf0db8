"""Any text: a query or a refusal with its place, and of every query a statement or a refusal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midwatch.server.model.errors import CallerError
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.logql.sql.params import Params
from midwatch.server.query.logql.sql.pipeline import Pipeline
from midwatch.server.query.logql.sql.ranges import Window, statement
from midwatch.server.query.logql.syntax import parse
from midwatch.server.query.logql.syntax.ast import LogQuery, MetricQuery
from midwatch.server.query.source import Scope

PIECES = (
    *('{a="b"}', "{", "}", '"x"', "`{{.a | lower}}`", "`{{if .a}}x{{end}}`", "(", ")", "[5m]", "[", "]", ",", "a", "b"),
    *(
        "| json",
        "| logfmt",
        "| unpack",
        "|=",
        "!=",
        "|~",
        "=~",
        ">=",
        "=",
        "1.5",
        "5s",
        "3KB",
        "ip(",
        "and",
        "or",
        "by (a)",
    ),
    *("| unwrap a", "| line_format", "| label_format", "| drop", "| keep a", "| decolorize", "| pattern `<a> <_>`"),
    *(
        "rate(",
        "sum(",
        "topk(2,",
        "avg_over_time(",
        "quantile_over_time(0.5,",
        "vector(",
        "offset 1m",
        "+",
        "/",
        "unless",
    ),
)
SCOPE = Scope(TimeRange(0, 10**9))


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join)))
@settings(max_examples=400, deadline=None)
def test_any_text(text: str) -> None:
    """Nothing but our own refusals comes out."""
    try:
        query = parse(text)
        if isinstance(query, LogQuery):
            assert Pipeline(query, "1", Params({})).relation
        else:
            for found in query.ranges:
                assert statement(found, SCOPE, Window(0, 10**9, 2, 10**9), None).sql
    except CallerError:
        return


LONG = (
    "(" * 5000 + '{a="b"}',
    "rate(" + "(" * 5000 + '{a="b"}',
    "+".join("1" * 5000),
    '{a="b"} | ' + " or ".join(["x=1"] * 1500),
    '{a="b"} | ' + "(" * 5000 + "x=1",
    '{a="b"}' + " | json" * 2000,
    '{a="b"} | line_format `{{ ' + "(" * 5000 + " }}`",
    '{a="b"} | line_format `' + "{{.a_b}}" * 2000 + "`",
    "or ".join(['rate({a="b"}[1m])'] * 500),
)


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_queries_of_great_length(text: str) -> None:
    """Each has a bound, and says which."""
    with pytest.raises(CallerError) as refused:
        find(text)
    assert refused.value.status == 400


def find(text: str) -> None:
    query = parse(text)
    assert isinstance(query, LogQuery)
    counted = parse(f"count_over_time({text}[1m])")
    assert isinstance(counted, MetricQuery)
    statement(counted.ranges[0], SCOPE, Window(0, 10**9, 2, 10**9), None)
