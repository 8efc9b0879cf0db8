"""What stands behind a stream selector: filters, parsers and formats, one after another."""

from midwatch.server.promql.matchers import Matcher, compile_pattern
from midwatch.server.promql.syntax.ast import Span
from midwatch.server.promql.syntax.lexer import Kind, Token
from midwatch.server.query.logql.syntax import patterns
from midwatch.server.query.logql.syntax.ast import (
    Capture,
    Decolorize,
    Drop,
    Keep,
    LabelFormat,
    LineFilter,
    LineFormat,
    LineInNetwork,
    Parse,
    Stage,
    Unwrap,
)
from midwatch.server.query.logql.syntax.label_filters import label_filter, network
from midwatch.server.query.logql.syntax.lexer import LogCursor
from midwatch.server.query.logql.syntax.selectors import text_matcher

STAGES_MAX = 40
"""Each may be two subqueries, of which the store nests a hundred."""
LINE_FILTERS = ("|=", "|~", "|>", "!=", "!~", "!>")
_CONVERSIONS = ("duration", "duration_seconds", "bytes")
_FLAGS = ("--strict", "--keep-empty")


def stages(cursor: LogCursor) -> list[Stage]:
    found: list[Stage] = []
    while cursor.at_symbol("|", *LINE_FILTERS):
        if len(found) == STAGES_MAX:
            raise cursor.refuse(cursor.token.span, f"more than {STAGES_MAX} stages")
        found.append(_line_filter(cursor) if cursor.at_symbol(*LINE_FILTERS) else _stage(cursor))
    return found


def _line_filter(cursor: LogCursor) -> Stage:
    operator = cursor.take()
    if cursor.at_word("ip") and operator.text in ("|=", "!="):
        return LineInNetwork(network(cursor), operator.text == "!=", operator.span)
    texts = [cursor.text("line filter")]
    while cursor.take_word("or"):
        texts.append(cursor.text("line filter"))
    for text in texts:
        try:
            if operator.text in ("|~", "!~"):
                compile_pattern(text.word)
            elif operator.text in ("|>", "!>"):
                patterns.of_line_pattern(text.word)
        except ValueError as problem:
            raise cursor.refuse(text.span, f"error parsing regexp: {problem}") from None
    return LineFilter(operator.text, tuple(text.word for text in texts), operator.span.to(texts[-1].span))


def _stage(cursor: LogCursor) -> Stage:  # noqa: PLR0911, PLR0912 - one line a stage
    cursor.expect_symbol("|", "pipeline")
    word = cursor.token
    if cursor.at_symbol("("):
        return label_filter(cursor)
    if word.kind is not Kind.IDENTIFIER:
        raise cursor.unexpected("pipeline", "a parser, a format or a label filter")
    if cursor.following.text in ("=", "==", "!=", "=~", "!~", ">", ">=", "<", "<=") and word.text != "json":
        return label_filter(cursor)
    match word.text:
        case "json" | "logfmt":
            cursor.take()
            while cursor.at_symbol(*_FLAGS):
                cursor.take()
            return Parse(word.text, word.span, _fields(cursor))
        case "unpack":
            return Parse("unpack", cursor.take().span)
        case "decolorize":
            return Decolorize(cursor.take().span)
        case "regexp" | "pattern":
            return _capture(cursor, cursor.take())
        case "line_format":
            cursor.take()
            text = cursor.text("line_format")
            return LineFormat(text.word, text.span)
        case "label_format":
            return _label_format(cursor, cursor.take())
        case "drop":
            return Drop(_labels(cursor, cursor.take()), word.span)
        case "keep":
            return Keep(_labels(cursor, cursor.take()), word.span)
        case "unwrap":
            return _unwrap(cursor, cursor.take())
    return label_filter(cursor)


def _fields(cursor: LogCursor) -> tuple[tuple[str, str], ...]:
    """`first="a.b", second`: labels, and where each stands in the line; a name alone stands for itself."""
    found: list[tuple[str, str]] = []
    while cursor.token.kind is Kind.IDENTIFIER and not cursor.at_word("offset"):
        name = cursor.take().text
        found.append((name, cursor.text("parser").word if cursor.take_symbol("=") else name))
        if not cursor.take_symbol(","):
            break
    return tuple(found)


def _capture(cursor: LogCursor, word: Token) -> Capture:
    text = cursor.text(word.text)
    try:
        if word.text == "pattern":
            return Capture(*patterns.of_pattern(text.word), text.span)
        return Capture(text.word, patterns.groups_of(text.word), text.span)
    except ValueError as problem:
        raise cursor.refuse(text.span, f"{word.text} {text.text[:60]}: {problem}") from None


def _label_format(cursor: LogCursor, word: Token) -> LabelFormat:
    found: list[tuple[str, str, bool]] = []
    while True:
        name = cursor.name("label_format")
        cursor.expect_symbol("=", "label_format")
        if cursor.token.kind is Kind.STRING:
            found.append((name.text, cursor.take().word, True))
        else:
            found.append((name.text, cursor.name("label_format").text, False))
        if not cursor.take_symbol(","):
            return LabelFormat(tuple(found), word.span)


def _labels(cursor: LogCursor, word: Token) -> tuple[tuple[str, Matcher | None], ...]:
    found: list[tuple[str, Matcher | None]] = []
    while True:
        name = cursor.name(word.text)
        compared = cursor.at_symbol("=", "!=", "=~", "!~")
        found.append((name.text, text_matcher(cursor, name, word.text) if compared else None))
        if not cursor.take_symbol(","):
            return tuple(found)


def _unwrap(cursor: LogCursor, word: Token) -> Unwrap:
    name = cursor.name("unwrap")
    if not cursor.take_symbol("("):
        return Unwrap(name.text, "", word.span.to(name.span))
    if name.text not in _CONVERSIONS:
        raise cursor.refuse(name.span, f"{name.text}(): expected one of {', '.join(_CONVERSIONS)}")
    label = cursor.name("unwrap")
    cursor.expect_symbol(")", "unwrap")
    return Unwrap(label.text, name.text, Span(word.span.start, cursor.last_end))
