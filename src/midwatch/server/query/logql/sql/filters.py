"""Filters of lines and labels as SQL conditions."""

import re
from collections.abc import Callable

from midwatch.server.promql.matchers import Matcher, MatchType
from midwatch.server.query.logql.sql.labels import Bind
from midwatch.server.query.logql.syntax.ast import (
    CompareNumber,
    CompareText,
    InNetwork,
    Junction,
    LabelFilter,
    LineFilter,
    LineInNetwork,
)
from midwatch.server.query.logql.syntax.patterns import of_line_pattern
from midwatch.server.query.logql.syntax.units import BYTES, DURATION_SECONDS

Lookup = Callable[[str], str]
TOKENS_MAX = 32
_ADDRESS = "[0-9a-fA-F:.]{2,45}"
_WHOLE_TOKENS = re.compile(r"(?<=[^A-Za-z0-9])[A-Za-z0-9]+(?=[^A-Za-z0-9])")


def line_filter(found: LineFilter, line: str, bind: Bind, *, indexed: bool) -> str:
    """`indexed`: the line is the stored one, whose words have an index."""
    conditions = [_line_has(found.operator, text, line, bind, indexed=indexed) for text in found.texts]
    either = f"({' OR '.join(conditions)})"
    return f"NOT {either}" if found.operator.startswith("!") else either


def _line_has(operator: str, text: str, line: str, bind: Bind, *, indexed: bool) -> str:
    if operator in ("|~", "!~"):
        return f"match({line}, {bind('(?-s)' + text)})"
    if operator in ("|>", "!>"):
        return f"match({line}, {bind(of_line_pattern(text))})"
    has = f"position({line}, {bind(text)}) > 0"
    # The index lowers what it has; asked of the column itself, as where the index is of no use, case counts.
    words = _WHOLE_TOKENS.findall(text)[:TOKENS_MAX] if operator == "|=" and indexed and text.isascii() else []
    if not (lower := [f"'{word}'" for word in words if word == word.lower()]):
        return has
    return f"(hasAllTokens({line}, [{', '.join(lower)}]) AND {has})"


def line_in_network(found: LineInNetwork, line: str, bind: Bind) -> str:
    condition = f"arrayExists(a -> {_in_network('a', found.network, bind)}, extractAll({line}, '{_ADDRESS}'))"
    return f"NOT {condition}" if found.negated else condition


def matches(found: Matcher, value: str, bind: Bind, *, dot_all: bool = False) -> str:
    """A matcher over a label's value; what is not there is the empty text."""
    if found.type in (MatchType.EQUAL, MatchType.NOT_EQUAL):
        return f"({value} {found.type.value} {bind(found.value)})"
    flags = "s" if dot_all else "-s"
    condition = f"match({value}, {bind(f'^(?{flags}:{found.value})$')})"
    return condition if found.type is MatchType.REGEX else f"(NOT {condition})"


def label_filter(found: LabelFilter, lookup: Lookup, bind: Bind) -> tuple[str, list[str]]:
    """The condition, and what makes a line one that it cannot be asked of (`LabelFilterErr`)."""
    match found:
        case Junction():
            left, left_errors = label_filter(found.left, lookup, bind)
            right, right_errors = label_filter(found.right, lookup, bind)
            return f"({left} {found.operator.upper()} {right})", left_errors + right_errors
        case CompareText():
            return matches(found.matcher, lookup(found.matcher.name), bind), []
        case InNetwork():
            condition = _in_network(lookup(found.name), found.network, bind)
            return f"(NOT {condition})" if found.negated else condition, []
        case CompareNumber():
            value = lookup(found.name)
            number = number_of(value, found.unit)
            compared = f"ifNull({number} {found.operator} {found.value!r}, 1)"
            return f"({value} != '' AND {compared})", [f"({value} != '' AND isNull({number}))"]


def number_of(value: str, unit: str) -> str:
    """A text as Nullable(Float64): a number, a duration in seconds, or a size in bytes."""
    if unit == "duration":
        return _with_units(value, DURATION_SECONDS, "ns|us|µs|ms|[smhdwy]", lowered=False)
    if unit == "bytes":
        return _with_units(value, BYTES, "[A-Za-z]*", lowered=True)
    return f"toFloat64OrNull({value})"


def _with_units(value: str, factors: dict[str, float], unit: str, *, lowered: bool) -> str:
    names = ", ".join(f"'{name}'" for name in factors)
    numbers = ", ".join(f"{factor!r}" for factor in factors.values())
    part = rf"([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)\\s*({unit})"
    named = "lower(g[2])" if lowered else "g[2]"
    otherwise, names, numbers = ("0.", f"'', {names}", f"1., {numbers}") if lowered else ("0.", names, numbers)
    total = (
        f"arraySum(g -> toFloat64OrZero(g[1]) * transform({named}, [{names}], [{numbers}], {otherwise}),"
        f" extractAllGroupsVertical({value}, '{part}'))"
    )
    sign = f"if(startsWith({value}, '-'), -1., 1.)"
    return f"if(match({value}, '^-?(?:{part})+$'), {sign} * {total}, NULL)"


def _in_network(value: str, network: str, bind: Bind) -> str:
    valid = f"(isIPv4String({value}) OR isIPv6String({value}))"
    return f"({valid} AND isIPAddressInRange(if({valid}, {value}, '0.0.0.0'), {bind(network)}))"
