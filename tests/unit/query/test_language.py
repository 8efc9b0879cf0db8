"""The search language: what it means, and how it says what it cannot read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midwatch.server.model.errors import BadQuery
from midwatch.server.query.search.fields import LOGS, SPANS
from midwatch.server.query.search.language import compile_search
from midwatch.server.query.search.units import number_of


@pytest.mark.parametrize(
    ("text", "sql", "params"),
    [
        ("", "1", []),
        ("service:api", "(ServiceName = {q0:String})", ["api"]),
        ("-env:staging", "NOT (Environment = {q0:String})", ["staging"]),
        ("level:>=warn", "(CAST(Level AS Int8) >= 4)", []),
        ("service:a*", "(ServiceName LIKE {q0:String})", ["a%"]),
        ("service:100%", "(ServiceName = {q0:String})", ["100%"]),
        (
            "service:(a OR b)",
            "((ServiceName = {q0:String}) OR (ServiceName = {q1:String}))",
            ["a", "b"],
        ),
    ],
)
def test_meaning_over_logs(text: str, sql: str, params: list[str]) -> None:
    """Each form becomes its condition, with user text in parameters only."""
    found = compile_search(text, LOGS)
    assert found.sql == sql
    assert list(found.params.values()) == params


@pytest.mark.parametrize(("text", "nanoseconds"), [("1.5s", 1.5e9), ("200ms", 2e8), ("3", 3e6), ("2m", 1.2e11)])
def test_durations(text: str, nanoseconds: float) -> None:
    """A duration has a unit; a bare number is milliseconds."""
    assert number_of(text, duration=True) == nanoseconds
    assert compile_search(f"duration:>{text}", SPANS).params == {"q0": nanoseconds}


@pytest.mark.parametrize(("text", "column"), [("(a", 3), ('service:api "open', 13), ("service:", 9), ("a AND", 6)])
def test_errors_name_their_column(text: str, column: int) -> None:
    """What cannot be read is said with its place and what was expected there."""
    with pytest.raises(BadQuery) as caught:
        compile_search(text, LOGS)
    assert caught.value.column == column
    assert caught.value.expected


@pytest.mark.parametrize("text", ["level:loud", "duration:>soon", "a" * 5000, "(" * 40 + "a" + ")" * 40, "x\0y"])
def test_refused(text: str) -> None:
    """Values that a field cannot have, and searches over their bounds, are errors and not empty results."""
    with pytest.raises(BadQuery):
        compile_search(text, SPANS if "duration" in text else LOGS)


@given(st.text(max_size=60))
def test_never_crashes_and_never_leaks(text: str) -> None:
    """Any text is a condition or a BadQuery; long words of it never stand in the SQL."""
    try:
        found = compile_search(text, LOGS)
    except BadQuery:
        return
    known = " ".join(field.text + field.exists for field in LOGS.builtin.values()) + found.sql
    for word in text.split():
        if len(word) > 20:
            assert word not in found.sql or word in known.replace(found.sql, "")
