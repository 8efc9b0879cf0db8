"""Matchers as text, in Alertmanager's two syntaxes, and the texts that keys are made of."""

import pytest

from midwatch.server.protocols.alertmanager.matchers import (
    Unreadable,
    WrittenMatcher,
    in_order,
    labels_text,
    matchers_text,
    read_matcher,
    read_matchers,
)
from midwatch.server.protocols.alertmanager.quoting import quoted, unquoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("{}", []),
        ("a=b", [("a", "=", "b")]),
        ("{a=b}", [("a", "=", "b")]),
        ("a=b,", [("a", "=", "b")]),
        ('{ a = "b" , c != "d" }', [("a", "=", "b"), ("c", "!=", "d")]),
        ('severity=~"page|ticket"', [("severity", "=~", "page|ticket")]),
        ("team!~web-.+", [("team", "!~", "web-.+")]),
        ('a="b,c"', [("a", "=", "b,c")]),
        (r'a="say \"hi\"\n"', [("a", "=", 'say "hi"\n')]),
        ('a=""', [("a", "=", "")]),
        # Only the older syntax takes these: nothing, braces and blanks without quotes.
        ("a=", [("a", "=", "")]),
        ("a=[{]", [("a", "=", "[{]")]),
        ("a=b c", [("a", "=", "b c")]),
        # An escape that is none stands for itself in the older syntax.
        (r'a=~"\d+"', [("a", "=~", r"\d+")]),
        # Only the newer one takes these: names in quotes, characters beyond ASCII in names, other escapes.
        ('"service.name"="api"', [("service.name", "=", "api")]),
        ("größe=xl", [("größe", "=", "xl")]),
        (r'"a b"="\u00fc\x41\t"', [("a b", "=", "üA\t")]),
        # Both take it and mean different things: what it always meant.
        (r'a="\t"', [("a", "=", r"\t")]),
    ],
)  # fmt: skip
def test_texts_are_lists_of_matchers(text: str, expected: list[tuple[str, str, str]]) -> None:
    """The newer syntax, with the classic one where a text is only that or always meant something else."""
    assert read_matchers(text) == [WrittenMatcher(*one) for one in expected]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (",", "expected label name"),
        ("a", "expected an operator"),
        ('"a"', "expected an operator"),
        ('"a b"=', "expected label value"),
        ('{"a b"="c"', "expected close brace"),
        ('"a b"="c"}', "expected opening brace"),
        ('"a b"="c" d', "expected a comma"),
        (r'"a b"="\w"', "invalid input"),
        (r'"a b"="\xf0\x9f"', "invalid input"),
    ],
)
def test_what_is_no_list_of_matchers_says_why(text: str, complaint: str) -> None:
    """Neither syntax takes it."""
    with pytest.raises(Unreadable, match=complaint):
        read_matchers(text)


@pytest.mark.parametrize("text", ["{a=b}", "a=b,c=d", "", "a=b}"])
def test_one_matcher_is_one_and_has_no_braces(text: str) -> None:
    """As filters of the API are written."""
    with pytest.raises(Unreadable):
        read_matcher(text)


def test_keys_have_matchers_in_order_and_quotes() -> None:
    """By name, value and operator; names that need it in quotes."""
    written = read_matchers('c=~"x",a="2",a!="1","b b"="é\\n"')
    assert matchers_text(in_order(written)) == r'{a!="1",a="2","b b"="é\n",c=~"x"}'
    assert labels_text({"b": 'say "hi"', "a": "1\u200b"}) == r'{a="1\u200b", b="say \"hi\""}'
    assert (matchers_text([]), labels_text({})) == ("{}", "{}")


@pytest.mark.parametrize("text", ["", "plain", 'a"b\\c', "\x00\x1b\n\t", "🙂é", "\u2028"])
def test_quoted_texts_come_back(text: str) -> None:
    """What is quoted reads as what it was."""
    assert unquoted(quoted(text)) == text


@pytest.mark.parametrize("text", ["", '"', "plain", '"a\nb"', r'"\q"', r'"\400"', r'"\U00110000"', '"\\"'])
def test_what_go_would_not_read_is_refused(text: str) -> None:
    """No quotes, breaks of lines, escapes that there are not."""
    with pytest.raises(ValueError):  # noqa: PT011 - any says enough
        unquoted(text)
