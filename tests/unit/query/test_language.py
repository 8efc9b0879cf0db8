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


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("(a", 3),
        ('service:api "open', 13),
        ("service:", 9),
        ("a AND", 6),
        ("/a/b level:loud", 12),
        ("a level:(error OR loud)", 19),
        ("n:[1 TO x]", 3),
        ("-n:>=x", 4),
        (">5", 1),
    ],
)
def test_errors_name_their_column(text: str, column: int) -> None:
    """What cannot be read is said with its place and what was expected there."""
    with pytest.raises(BadQuery) as caught:
        compile_search(text, LOGS)
    assert caught.value.column == column
    assert caught.value.message.startswith(f"column {column}: ")
    assert caught.value.expected


@pytest.mark.parametrize(
    ("text", "column", "meant"),
    [
        ("n:=5", 3, "n:5"),
        ("a n:!=5", 5, "-n:5"),
        ("!hidden", 1, "-hidden"),
        ("!service:api", 1, "-service:value"),
        ("a && b", 3, "AND"),
        ("a || b", 3, "OR"),
        ("service:api or service:web", 13, "OR"),
        ("fuzzy~2", 1, "a word"),
        ('"two words"~3', 1, "a word"),
        ("boosted^2", 1, "a word"),
        ("kind:servre", 6, "server"),
        ("kind:>2", 6, "server"),
    ],
)
def test_what_other_languages_write_is_refused_and_not_read_as_text(text: str, column: int, meant: str) -> None:
    """A search that would find nothing, for a reason that nobody sees, names the way that this is written here."""
    with pytest.raises(BadQuery) as caught:
        compile_search(text, SPANS)
    assert caught.value.column == column
    assert caught.value.expected is not None
    assert meant in caught.value.expected


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("read and write", ["read", "and", "write"]),
        ("not found", ["not", "found"]),
        ('n:"=5"', ["=5", "n"]),
        ("wow!", ["wow!"]),
        ("url:a=b", ["a=b", "url"]),
    ],
)
def test_words_stay_words(text: str, params: list[str]) -> None:
    """Signs within a word, quoted text and small words between words are what is looked for."""
    assert set(params) <= set(compile_search(text, LOGS).params.values())


def test_ids_and_kinds_are_found_in_every_case() -> None:
    """They are stored in lower case, and people paste them as other tools print them."""
    assert compile_search("span_id:AB*", SPANS).params == {"q0": "ab%"}
    assert compile_search("trace_id:5B8EFFF7-9803-8103-D269-B633813FC60C", LOGS).params == {
        "q0": "5b8efff798038103d269b633813fc60c"
    }
    assert compile_search("kind:SERVER", SPANS).params == {"q0": "server"}


def test_everything() -> None:
    """`*` and Lucene's `*:*` are every row."""
    assert compile_search("*:*", LOGS).sql == compile_search("*", LOGS).sql == "1"


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
