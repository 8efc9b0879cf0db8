"""Shapes of statements."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midwatch.contract.redaction.sql import Shape, shape_of


@pytest.mark.parametrize(
    ("statement", "shape"),
    [
        ("select  *\nfrom users where id = 7", Shape("select * from users where id = ?", "SELECT", "users")),
        (
            "SELECT a FROM public.\"Orders\" WHERE b = 'it''s' AND c IN (1, 2, 3)",
            Shape('SELECT a FROM public."Orders" WHERE b = ? AND c IN (?, …)', "SELECT", "public.Orders"),
        ),
        (
            "INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s)",
            Shape("INSERT INTO t (a, b) VALUES (?, …)", "INSERT", "t"),
        ),
        (
            "UPDATE t2 SET a1 = $1 -- of anna\nWHERE x = -1.5e3",
            Shape("UPDATE t2 SET a1 = $1 WHERE x = ?", "UPDATE", "t2"),
        ),
        ("SELECT $q$secret$q$, E'a\\'b', 0xff", Shape("SELECT ?, ?, ?", "SELECT", "")),
        ("SELECT 'never closed", Shape("SELECT ?", "SELECT", "")),
        ("", Shape("", "", "")),
    ],
)
def test_a_statement_keeps_its_shape_alone(statement: str, shape: Shape) -> None:
    assert shape_of(statement) == shape


def test_double_quotes_hold_values_where_they_do() -> None:
    assert shape_of('SELECT "secret"', double_quotes_are_values=True).text == "SELECT ?"


@given(st.text(alphabet=st.characters(exclude_characters="\\\0", codec="utf-8"), max_size=40), st.integers(0))
def test_no_literal_is_in_a_shape(text: str, number: int) -> None:
    """Whatever a string literal holds: quotes in it are doubled, as SQL writes them."""
    literal = "".join(text.replace("'", "''").splitlines())
    found = shape_of(f"SELECT * FROM t WHERE a = 'q1w2{literal}' AND b = {number}").text
    assert found == "SELECT * FROM t WHERE a = ? AND b = ?"
    assert not re.search("q1w2", found)
