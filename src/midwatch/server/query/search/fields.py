"""What field names mean over log records and over spans: columns for the built-in ones, attributes for the rest."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from midwatch.contract import fields
from midwatch.server.model.errors import BadQuery

LEVELS = {"unknown": 0, "trace": 1, "debug": 2, "info": 3, "warn": 4, "warning": 4, "error": 5, "err": 5, "fatal": 6}
LEVELS |= {"critical": 6}
_TOKENS = re.compile(r"[a-z0-9]+")
_TRACE_ID = re.compile(r"[0-9a-fA-F]{32}")
_LOWER = frozenset({"trace_id", "span_id", "parent_span_id", "kind", "status", "error"})
"""Fields whose values the store has in lower case only."""
_PLAIN = re.compile(r"[A-Za-z0-9]+(?:[^A-Za-z0-9]+[A-Za-z0-9]+)*")

Bind = Callable[[str | float], str]


class Kind(Enum):
    KEYWORD = auto()
    TEXT = auto()
    LEVEL = auto()
    DURATION = auto()
    ATTRIBUTE = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One field: how it reads as text and as a number, and when it is there."""

    name: str
    kind: Kind
    text: str
    number: str
    exists: str
    maps: tuple[str, ...] = ()
    """The attribute maps that it may be in."""
    values: tuple[str, ...] = ()
    """All that it can be, where they are few."""
    otherwise: str = ""
    """A column that says it where its own says nothing."""

    def stored(self, text: str) -> str:
        """A value as the store writes it."""
        if self.name == "trace_id":  # a UUID with dashes is one, too
            text = text.replace("-", "")
        return text.lower() if self.name in _LOWER else text

    def equals(self, text: str, bind: Bind) -> str:
        text = self.stored(text)
        if self.values and text not in self.values:
            raise self.unknown(text)
        if self.kind is Kind.LEVEL:
            return self.compare_level("=", text)
        if self.kind is Kind.ATTRIBUTE:
            # What follows from it about the values alone is what the bloom filters can answer.
            value = bind(text)
            anywhere = " OR ".join(f"has(mapValues({attributes}), {value})" for attributes in self.maps)
            return f"(({anywhere}) AND {self.text} = {value})"
        value = bind(text)
        if self.otherwise:
            return f"({self.text} = {value} OR ({self.text} = '' AND {self.otherwise} = {value}))"
        return f"({self.text} = {value})"

    def unknown(self, text: str) -> BadQuery:
        return BadQuery(f"{self.name}:{text}: expected one of {', '.join(self.values)}", expected=list(self.values))

    def compare_level(self, operator: str, text: str) -> str:
        level = LEVELS.get(text.lower())
        if level is None:
            names = [name for name in LEVELS if name not in ("warning", "err", "critical")]
            raise BadQuery(f"level:{text}: expected one of {', '.join(names)}", expected=names)
        return f"(CAST(Level AS Int8) {operator} {level})"


def _column(name: str, column: str, kind: Kind = Kind.KEYWORD) -> Field:
    """A column of texts, named as it is: the engine's indexes know nothing of functions of it."""
    return Field(name, kind, column, f"toFloat64OrNull({column})", f"({column} != '')")


def contains(column: str, text: str, bind: Bind) -> str:
    """Whether the column has the text, in whatever case."""
    if text.isascii():
        return f"(positionCaseInsensitiveUTF8({column}, {bind(text)}) > 0)"
    # The engine's case-insensitive search finds nothing where a letter's capital is longer than itself, as that of ß.
    return f"(position(lowerUTF8({column}), lowerUTF8({bind(text)})) > 0)"


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields of one table."""

    table: str
    builtin: dict[str, Field]
    aliases: dict[str, str]
    attributes: str
    searched: tuple[str, ...]
    """Columns that free text looks into; the first has the text index where there is one."""
    indexed: bool

    def field(self, name: str, bind: Bind) -> Field:
        """The field of this name; every name is one, since attributes can be called anything.

        An attribute is looked for under every name that is given to it: contract/fields.py.
        """
        name = self.aliases.get(name, name)
        if (found := self.builtin.get(name)) is not None:
            return found
        if not name or len(name) > 256 or any(ord(character) < 32 for character in name):
            raise BadQuery(f"field {name[:40]!r}: expected a name of at most 256 visible characters")
        key = bind(name.removeprefix("resource."))
        in_resource = f"mapContains(ResourceAttributes, {key})"
        if name.startswith("resource."):
            maps: tuple[str, ...] = ("ResourceAttributes",)
            value, there = f"ResourceAttributes[{key}]", in_resource
        else:
            names = fields.names_of(name)
            others = [key if other == name else bind(other) for other in sorted(names, key=lambda one: one != name)]
            own = [(f"mapContains({self.attributes}, {other})", f"{self.attributes}[{other}]") for other in others]
            value = f"multiIf({', '.join(part for pair in own for part in pair)}, ResourceAttributes[{key}])"
            there = f"({' OR '.join(condition for condition, _ in own)} OR {in_resource})"
            maps = (self.attributes, "ResourceAttributes")
        return Field(name, Kind.ATTRIBUTE, value, f"toFloat64OrNull({value})", there, maps)

    def free_text(self, text: str, bind: Bind) -> str:
        """Rows that have the text anywhere people would look."""
        if text == "*":
            return "1"
        words = text.strip("*")
        conditions = []
        if self.indexed and words.isascii() and _PLAIN.fullmatch(words) and "*" not in text:
            tokens = _TOKENS.findall(words.lower())
            # Of `Body` itself, not of its lower case: the text index lowers it, and knows only the column.
            all_tokens = f"hasAllTokens(Body, {bind(' '.join(tokens))})"
            whole = f"positionCaseInsensitiveUTF8(Body, {bind(words)}) > 0"
            conditions.append(f"({all_tokens} AND {whole})" if len(tokens) > 1 else f"({all_tokens})")
        else:
            conditions.append(contains(self.searched[0], words, bind))
        conditions += [contains(column, words, bind) for column in self.searched[1:]]
        if _TRACE_ID.fullmatch(words):
            conditions.append(f"(TraceId = {bind(words.lower())})")
        return f"({' OR '.join(conditions)})"


_COMMON = {
    "service": _column("service", "ServiceName"),
    "env": _column("env", "Environment"),
    "trace_id": _column("trace_id", "TraceId"),
    "span_id": _column("span_id", "SpanId"),
    "scope": _column("scope", "ScopeName"),
}
_ALIASES = {
    "service.name": "service",
    "environment": "env",
    "deployment.environment.name": "env",
    **dict.fromkeys(fields.ALIASES[fields.TRACE_ID], "trace_id"),
    **dict.fromkeys(fields.ALIASES[fields.SPAN_ID], "span_id"),
    "route": "http.route",
    "method": "http.request.method",
}

LOGS = Schema(
    table="logs",
    builtin={
        **_COMMON,
        "level": Field("level", Kind.LEVEL, "toString(Level)", "CAST(Level AS Int8)", "(Level != 'unknown')"),
        "body": _column("body", "Body", Kind.TEXT),
        # A line whose whole message is the name of an event tells of it, too.
        "event": replace(_column("event", "EventName"), otherwise="Body"),
        "severity": Field("severity", Kind.KEYWORD, "SeverityText", "SeverityNumber", "(SeverityText != '')"),
    },
    aliases={
        **_ALIASES,
        "message": "body",
        "msg": "body",
        "status": "http.response.status_code",
        "event_name": "event",
        "severity_text": "severity",
    },
    attributes="LogAttributes",
    searched=("Body",),
    indexed=True,
)

_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
_HTTP_STATUS = "".join(
    f"mapContains(SpanAttributes, '{name}'), SpanAttributes['{name}'], " for name in fields.names_of(fields.HTTP_STATUS)
)
_STATUS = Field(
    "status",
    Kind.KEYWORD,
    f"multiIf({_HTTP_STATUS}toString(StatusCode))",
    f"toFloat64OrNull(multiIf({_HTTP_STATUS}''))",
    "1",
)
SPANS = Schema(
    table="spans",
    builtin={
        **_COMMON,
        "name": _column("name", "SpanName"),
        "kind": Field("kind", Kind.KEYWORD, "toString(SpanKind)", "0", "1", values=_KINDS),
        "status": _STATUS,
        "error": Field(
            "error", Kind.KEYWORD, "if(StatusCode = 'error', 'true', 'false')", "toFloat64(StatusCode = 'error')", "1"
        ),
        "duration": Field("duration", Kind.DURATION, "toString(Duration)", "Duration", "1"),
        "parent_span_id": _column("parent_span_id", "ParentSpanId"),
        "status_message": _column("status_message", "StatusMessage", Kind.TEXT),
    },
    aliases={**_ALIASES, "operation": "name", "span": "name"},
    attributes="SpanAttributes",
    searched=("SpanName", "StatusMessage", "arrayStringConcat(mapValues(SpanAttributes), '\\n')"),
    indexed=False,
)
