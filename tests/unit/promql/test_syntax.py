"""Reading PromQL: what is a query, what is not and where, and that the printer's text is the same query."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midwatch.server.promql.errors import ParseError
from midwatch.server.promql.syntax import ParserOptions, narrowed, parse, parse_selector, to_text
from midwatch.server.promql.syntax.ast import Aggregate, Binary, NumberLiteral, Unary, VectorSelector
from midwatch.server.promql.syntax.cursor import DEPTH_MAX

EVERYTHING = ParserOptions.everything()

NUMBERS = [
    ("0x1F", 31.0),
    ("1_000.5", 1000.5),
    ("-.5e3", -500.0),
    ("+Inf", math.inf),
    ("-inF", -math.inf),
    ("1h30m", 5400.0),
    ("010", 8.0),
    ("5e-324", 5e-324),
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_numbers(text: str, value: float) -> None:
    """Numbers in every way to write them; a duration is its seconds."""
    literal = parse(text)
    assert isinstance(literal, NumberLiteral)
    assert literal.value == value


PRINTED = [
    ("SUM BY (b, a) (x)", "sum by (b, a) (x)"),
    ("sum(x) without ()", "sum without () (x)"),
    ('{"an metric", "a.b"=~"x|y"}', '{"a.b"=~"x|y",__name__="an metric"}'),
    ("-1 ^ 2", "-1 ^ 2"),
    ("a  offset -5m @ 10", "a @ 10.000 offset -5m"),
    ("a[5m] @ end() offset 1w", "a[5m] @ end() offset 1w"),
    ("rate(a[1h:]) # why not", "rate(a[1h:])"),
    ("a + on(x) group_left(y) fill_right(2) b", "a + on (x) group_left (y) fill_right (2) b"),
    ("a[max_of(step() * 2, 5m)]", "a[max_of(step() * 2, 5m)]"),
    ("rate(a[5m] smoothed)", "rate(a[5m] smoothed)"),
    ("and and or", "and and or"),
    ("sum + by", "sum + by"),
    ("fill + fill_left", "fill + fill_left"),
    ("offset offset 5m", "offset offset 5m"),
    ("h </ 3", "h </ 3"),
    (r"count_values('v\u00e9\x41', a)", 'count_values("véA", a)'),
    ("label_join(a, `x\\n`, ',')", 'label_join(a, "x\\\\n", ",")'),
]


@pytest.mark.parametrize(("query", "printed"), PRINTED)
def test_printed_as_it_is_read(query: str, printed: str) -> None:
    """Keywords in any case, keywords as names, quoted names, comments, modifiers in both orders."""
    assert to_text(parse(query, EVERYTHING)) == printed
    assert to_text(parse(printed, EVERYTHING)) == printed


def test_operators_bind_as_in_prometheus() -> None:
    """A sign binds looser than a power, a power to the right, an offset tightest, and a literal swallows its sign."""
    negated = parse("-a ^ 2")
    assert isinstance(negated, Unary)
    power = parse("2 ^ 3 ^ 2")
    assert isinstance(power, Binary)
    assert isinstance(power.right, Binary)
    added = parse("a offset 5m + b")
    assert isinstance(added, Binary)
    assert isinstance(added.left, VectorSelector)
    assert added.left.offset_ms == 300_000
    total = parse("sum(a) by (x) * 2")
    assert isinstance(total, Binary)
    assert isinstance(total.left, Aggregate)
    assert total.left.grouping == ("x",)


REFUSED = [
    ("", "1:1: parse error: no expression found in input"),
    ("a +", "1:4: parse error: unexpected end of input, expected number"),
    ("a\n  + )", "2:5: parse error: unexpected right parenthesis ')'"),
    ("sum(a", "1:6: parse error: unclosed left parenthesis"),
    ("a[5m", "1:5: parse error: unclosed left bracket"),
    ("a{b=}", '1:5: parse error: unexpected "}" in label matching, expected string'),
    ('a{b="c"', "1:8: parse error: unexpected end of input inside braces"),
    ('a{b=~"("}', "1:3: parse error: error parsing regexp"),
    ('{b=~".*"}', "1:1: parse error: vector selector must contain at least one non-empty matcher"),
    ('x{__name__="y"}', '1:1: parse error: metric name must not be set twice: "x" or "y"'),
    ("rate(a)", "1:6: parse error: expected type range vector in call to function"),
    ("rate(a[5m], 1)", '1:1: parse error: expected 1 argument(s) in call to "rate", got 2'),
    ("a[5m] + 1", "1:1: parse error: binary expression must contain only scalar and instant vector types"),
    ("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
    ("a + bool b", "1:3: parse error: bool modifier can only be used on comparison operators"),
    ("a and on(x) group_left b", '1:1: parse error: no grouping allowed for "and" operation'),
    ("a * on(x) group_left(x) b", '1:3: parse error: label "x" must not occur in ON and GROUP clause at once'),
    ("1 or 2", '1:1: parse error: set operator "or" not allowed in binary scalar expression'),
    ("a offset 5m offset 5m", "1:1: parse error: offset may not be set multiple times"),
    ("(a)[5m]", "1:4: parse error: ranges only allowed for vector selectors"),
    ("sum(a) offset 5m", "1:1: parse error: offset modifier must be preceded by an instant vector selector"),
    ("a @ Inf", "1:1: parse error: timestamp out of bounds for @ modifier"),
    ("a[0s]", "1:3: parse error: duration must be greater than 0"),
    ('"\\q"', "1:1: parse error: unknown escape sequence"),
    ("'a", "1:1: parse error: unterminated quoted string"),
    ("nope(a)", '1:1: parse error: unknown function with name "nope"'),
    ("sum()", "1:1: parse error: no arguments for aggregate expression provided"),
    ("topk(a)", "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1"),
    ("round(a,)", "1:8: parse error: trailing commas not allowed"),
    ("1d2y3", "1:1: parse error: bad number or duration syntax"),
]


@pytest.mark.parametrize(("query", "message"), REFUSED)
def test_refusals_name_line_and_column(query: str, message: str) -> None:
    """What is wrong, and where."""
    with pytest.raises(ParseError) as problem:
        parse(query)
    assert problem.value.message.startswith(message)
    assert problem.value.kind == "bad_data"


@pytest.mark.parametrize(
    "query",
    ["a[5m+5m]", "a offset step()", "rate(a[5m] anchored)", "a smoothed", "a + fill(0) b", "limitk(1, a)", "info(a)"],
)
def test_experimental_parts_are_off_until_their_flag_is_set(query: str) -> None:
    """Each needs the flag that Prometheus has for it."""
    with pytest.raises(ParseError, match=r"not enabled|must be enabled"):
        parse(query)
    assert parse(query, EVERYTHING)


def test_a_series_selector_alone() -> None:
    """What `match[]` takes is a selector and nothing else."""
    assert [one.value for one in parse_selector('up{job="a"}').matchers] == ["a", "up"]
    for text in ("up[5m]", "sum(up)", "{}", "1"):
        with pytest.raises(ParseError):
            parse_selector(text)


def test_nesting_has_a_limit() -> None:
    """A query nested to the limit is read, one level more is refused and does not end the process."""
    depth = DEPTH_MAX - 1
    assert parse("(" * depth + "1" + ")" * depth)
    with pytest.raises(ParseError, match="nesting deeper"):
        parse("(" * (depth + 1) + "1" + ")" * (depth + 1))


@given(st.text(alphabet=st.sampled_from(list("abe05.mhs_ \n\"'`\\{}[]()=~!<>+-*/%^,:@#é"))))
def test_never_crashes(text: str) -> None:
    """Any text is a query or a refusal with a place in it."""
    try:
        tree = parse(text, EVERYTHING)
    except ParseError as problem:
        where = problem.start
    else:
        where = 0
        printed = to_text(tree)
        assert to_text(parse(printed, EVERYTHING)) == printed
    assert 0 <= where <= len(text)


NARROWED = [
    ("up", 'up{job="a b"}'),
    ('{"a metric", x!="1"}', '{__name__="a metric",job="a b",x!="1"}'),
    (
        "sum by (x) (rate(a[5m] offset 1h)) / on (x) b",
        'sum by (x) (rate(a{job="a b"}[5m] offset 1h)) / on (x) b{job="a b"}',
    ),
    ("topk(scalar(k), -(a))[1h:5m]", 'topk(scalar(k{job="a b"}), -(a{job="a b"}))[1h:5m]'),
    ('label_replace(a, "x", "up", "y", "{z}")', 'label_replace(a{job="a b"}, "x", "up", "y", "{z}")'),
    ('info(a, {data="x"})', 'info(a{job="a b"}, {data="x"})'),
    ("time() + 1", "time() + 1"),
]


@pytest.mark.parametrize(("query", "printed"), NARROWED)
def test_filters_reach_every_selector(query: str, printed: str) -> None:
    """And nothing else: names, strings, numbers, and the labels that info() joins stay."""
    matchers = parse_selector('{job="a b"}').matchers
    assert to_text(narrowed(parse(query, EVERYTHING), matchers)) == printed
