"""LogQL's parser: what is read, how it is read, and where what cannot be read ends."""

import pytest

from midwatch.server.promql.errors import ParseError
from midwatch.server.promql.matchers import MatchType
from midwatch.server.promql.syntax import to_text
from midwatch.server.query.logql.syntax import parse, parse_selector
from midwatch.server.query.logql.syntax.ast import (
    Capture,
    CompareNumber,
    CompareText,
    Junction,
    LabelFormat,
    LineFilter,
    LogQuery,
    MetricQuery,
    Parse,
    Unwrap,
)
from midwatch.server.query.logql.syntax.patterns import groups_of, of_line_pattern, of_pattern
from midwatch.server.query.logql.syntax.units import bytes_of, seconds_of


def log_query(text: str) -> LogQuery:
    found = parse(text)
    assert isinstance(found, LogQuery)
    return found


def metric_query(text: str) -> MetricQuery:
    found = parse(text)
    assert isinstance(found, MetricQuery)
    return found


def test_a_log_query() -> None:
    """Selector and stages, in their order, each with its parts."""
    text = r"""{app="shop", env=~`prod|test`} # a comment
        |= "a\"b" or `c` != "d" | json | logfmt --strict x="y", z
        | status >= 500 and (took > 1.5s or size <= 20KB), name!~"x.*"
        | label_format a=b, c="{{.d}}" | regexp "(?P<p>.)(.)" | pattern "<ip> <_> [<at>]" """
    query = log_query(text)
    assert [(one.name, one.type, one.value) for one in query.matchers] == [
        ("app", MatchType.EQUAL, "shop"),
        ("env", MatchType.REGEX, "prod|test"),
    ]
    first, second, json, logfmt, labels, formats, regexp, pattern = query.stages
    assert isinstance(first, LineFilter)
    assert isinstance(second, LineFilter)
    assert (first.operator, first.texts, second.operator, second.texts) == ("|=", ('a"b', "c"), "!=", ("d",))
    assert isinstance(json, Parse)
    assert isinstance(logfmt, Parse)
    assert (json.format, json.fields, logfmt.fields) == ("json", (), (("x", "y"), ("z", "z")))
    assert isinstance(labels, Junction)
    assert isinstance(labels.left, Junction)
    assert isinstance(labels.left.right, Junction)
    assert (labels.operator, labels.left.operator, labels.left.right.operator) == ("and", "and", "or")
    assert isinstance(labels.right, CompareText)
    took, size = labels.left.right.left, labels.left.right.right
    assert isinstance(took, CompareNumber)
    assert isinstance(size, CompareNumber)
    assert (took.unit, took.value, size.unit, size.operator, size.value) == ("duration", 1.5, "bytes", "<=", 20000.0)
    assert isinstance(formats, LabelFormat)
    assert formats.assignments == (("a", "b", False), ("c", "{{.d}}", True))
    assert isinstance(regexp, Capture)
    assert isinstance(pattern, Capture)
    assert (regexp.names, pattern.names) == (("p", ""), ("ip", "", "at"))


@pytest.mark.parametrize(
    ("text", "arithmetic"),
    [
        ('sum by (a) (rate({x="y"}[5m]))', "sum by (a) (range_0)"),
        ('sum(rate({x="y"}[5m])) by (a)', "sum by (a) (range_0)"),
        ('topk(3, count_over_time({x="y"}[1m])) > bool 2', "topk(3, range_0) > bool 2"),
        ('1 + 2 * rate({x="y"}[1m]) ^ 2', "1 + 2 * range_0 ^ 2"),
        ('rate({x="y"}[1m]) / on(a) group_left(b) rate({x="z"}[1m])', "range_0 / on (a) group_left (b) range_1"),
        ('rate({x="y"}[1m]) or vector(-1)', "range_0 or vector(-1)"),
        ('approx_topk(2, rate({x="y"}[1m]))', "topk(2, range_0)"),
    ],
)
def test_arithmetic_is_promql_s(text: str, arithmetic: str) -> None:
    """Range aggregations become selectors of PromQL's tree, with its precedences and matching."""
    shown = to_text(metric_query(text).expr)
    for n in range(2):
        shown = shown.replace(f'range_{n}{{x="y"}}', f"range_{n}").replace(f'range_{n}{{x="z"}}', f"range_{n}")
    assert shown == arithmetic


@pytest.mark.parametrize(
    "text",
    [
        'sum_over_time({a="b"} | json | unwrap duration(took) | __error__="" [1h30m] offset 5m) by (x)',
        'sum_over_time({a="b"}[1h30m] | json | unwrap duration(took) | __error__="" offset 5m) by (x)',
    ],
)
def test_a_range_aggregation(text: str) -> None:
    """The range may stand behind the selector or behind the pipeline; grouping is refused where Loki refuses it."""
    with pytest.raises(ParseError, match="grouping not allowed for sum_over_time"):
        parse(text)
    found = metric_query(text.replace("sum_over", "avg_over")).ranges[0]
    assert (found.function, found.range_ms, found.offset_ms) == ("avg_over_time", 5_400_000, 300_000)
    assert found.grouping is not None
    assert found.grouping.labels == ("x",)
    unwrap = found.query.stages[1]
    assert isinstance(unwrap, Unwrap)
    assert (unwrap.label, unwrap.conversion) == ("took", "duration")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1: parse error: no expression found"),
        ("{", "1:2: parse error: unexpected end of input in stream selector, expected label name"),
        ('{a="b"', '1:7: parse error: unexpected end of input in stream selector, expected "," or "}"'),
        ("{a}", '1:3: parse error: unexpected "}" in stream selector, expected one of = != =~ !~'),
        ('{a=~"("}', "1:5: parse error: error parsing regexp: missing )"),
        ('{a="b"} |', "expected a parser, a format or a label filter"),
        ('{a="b"} | json |', "expected a parser, a format or a label filter"),
        ('{a="b"}\n| x > "y"', '2:7: parse error: x > "y": expected a number, a duration or bytes'),
        ('{a="b"} | x = 5parsecs', "5parsecs: expected a number, a duration (1.5s) or bytes (20KB)"),
        ('{a="b"} | x = ip("nowhere")', "expected an address or a network"),
        ('{a="b"} |~ "["', "1:12: parse error: error parsing regexp"),
        ('{a="b"} | pattern "none"', "at least one capture is required"),
        ('{a="b"} | pattern "<a><b>"', "two captures need some text between them"),
        ('{a="b"} | regexp "(x)"', "at least one named capture"),
        ('{a="b"} | unwrap x', "unwrap needs a range aggregation around it"),
        ('rate({a="b"})', '1:13: parse error: unexpected ")" in range aggregation, expected "["'),
        ('rate({a="b"}[0s])', "0s: expected from 1ms to 366d"),
        ('sum_over_time({a="b"}[1m])', "invalid aggregation sum_over_time without unwrap"),
        ('count_over_time({a="b"} | unwrap x [1m])', "invalid aggregation count_over_time with unwrap"),
        ('nothing({a="b"}[1m])', 'unknown function with name "nothing"'),
        ("sum(1)", "expected type instant vector in aggregation expression, got scalar"),
        ('{a="b"} $', "1:9: parse error: unexpected character: '$'"),
        ('{a="b"} |= "x', "1:12: parse error: literal not terminated"),
        ("(" * 300 + "1" + ")" * 300, "nesting deeper than 200"),
        ("{" + "a" * 20_001, "expected at most 20000"),
    ],
)
def test_refused(text: str, said: str) -> None:
    """With line, column and what was expected."""
    with pytest.raises(ParseError) as refused:
        parse(text)
    assert said in refused.value.message


def test_selectors() -> None:
    """A selector alone; of a query with a pipeline only its selector."""
    assert [one.name for one in parse_selector('{a="b", c!="d"} |= "x"')] == ["a", "c"]
    with pytest.raises(ParseError):
        parse_selector('{a="b"} + 1')


@pytest.mark.parametrize(
    ("text", "seconds"), [("1h30m", 5400), ("1.5s", 1.5), ("2ms", 0.002), ("1d", 86400), ("5", None), ("5x", None)]
)
def test_durations(text: str, seconds: float | None) -> None:
    """Go's durations, and the days that Prometheus adds."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(("text", "size"), [("10B", 10), ("1.5KB", 1500), ("2KiB", 2048), ("1mb", 1e6), ("1", None)])
def test_sizes(text: str, size: float | None) -> None:
    """Thousands and 1024s."""
    assert bytes_of(text) == size


def test_patterns() -> None:
    """Patterns are regular expressions: literal text between captures, the last one to the line's end."""
    assert of_pattern('<ip> [<_>] "<what>"') == ('^(?s)(.*?) \\[(.*?)\\] "(.*?)"', ("ip", "", "what"))
    assert of_pattern("x <rest>") == ("^(?s)x (.*)", ("rest",))
    assert of_line_pattern("<_>.b<_>") == "^(?s).*?\\.b.*$"
    assert groups_of(r"(?P<a>\(x\))(?:y)(z)[(](?P<b>.)") == ("a", "", "b")
