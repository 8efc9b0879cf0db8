"""One HTTP request of ClickHouse's interface, taken apart: statement, settings, parameters, and where the data is.

Follows the HTTP interface chapter of ClickHouse's documentation as far as clickhouse-connect and curl use it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TRANSPORT_SETTINGS = frozenset(
    {
        "buffer_size",
        "cancel_http_readonly_queries_on_client_close",
        "client_protocol_version",
        "compress",
        "database",
        "decompress",
        "default_format",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "http_write_exception_in_output_format",
        "password",
        "query",
        "query_id",
        "quota_key",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "user",
        "wait_end_of_query",
    }
)
"""What the HTTP layer itself understands; the engine would call these unknown settings."""

HEAD_BYTES_MAX = 1 << 20
"""An INSERT statement in a body is looked for in its first megabyte."""

STREAMED_FORMATS = frozenset({"native", "tabseparated", "tsv", "csv", "rowbinary", "jsoneachrow", "tabseparatedraw"})
"""Formats whose blocks can be strung together. The others have a header or footer and are made whole."""

WHOLE_RESULT_BYTES_MAX = 64 << 20
"""Bound for results that are made whole (thrice that in memory while they grow); `max_result_bytes` sets another."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INSERT = re.compile(rb"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*INSERT\s", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(
    rb"""'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"|--[^\n]*|/\*.*?\*/|(?P<word>[A-Za-z_]\w*)""", re.DOTALL
)
"""Words of a statement; what is quoted or commented is passed over."""
_DATA = re.compile(rb"\s+(?P<format>(?!(?:FROM|AS)\b)\w+)[ \t\f]*;?[ \t\f]*(?:\r?\n|\Z|(?=[\[{(\"\d]))", re.IGNORECASE)
"""What follows the word FORMAT where data follows: on the next line, or on the same one where it looks like data."""
_INPUT = re.compile(r"\binput\s*\(", re.IGNORECASE)
_TRAILING_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*(?:SETTINGS\s[^;]*)?;?\s*$", re.IGNORECASE)
_LEADING = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*([A-Za-z]+)", re.DOTALL)
_KILL_BY_ID = re.compile(r"(\bWHERE\b.*?)\bquery_id\b", re.IGNORECASE | re.DOTALL)


class BadStatement(Exception):
    """The request cannot be understood as one of ClickHouse's; answered like the server's own syntax errors."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is to run. `sql` has no data in it: that is in a file by the time it runs."""

    sql: str
    settings: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    database: str = ""
    query_id: str = ""
    default_format: str = "TabSeparated"

    @property
    def verb(self) -> str:
        found = _LEADING.match(self.sql)
        return found[1].upper() if found else ""

    @property
    def format(self) -> str:
        found = _TRAILING_FORMAT.search(self.sql)
        return found[1] if found else self.default_format

    @property
    def is_query(self) -> bool:
        return self.verb in ("SELECT", "WITH")

    @property
    def is_streamed(self) -> bool:
        return self.is_query and self.format.lower() in STREAMED_FORMATS


def from_url(query: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Settings and bound parameters (`param_x`) of a URL.

    Raises:
        BadStatement: a name that is not an identifier.
    """
    settings, params = {}, {}
    for name, value in query.items():
        if not _NAME.fullmatch(name):
            raise BadStatement(f"Code: 115. DB::Exception: Unknown setting {name!r}: expected an identifier")
        if name.startswith("param_"):
            params[name.removeprefix("param_")] = value
        elif name not in TRANSPORT_SETTINGS:
            settings[name] = value
    return settings, params


def is_insert(sql: bytes | bytearray) -> bool:
    return _INSERT.match(sql) is not None


def split_insert(sql: bytes) -> tuple[str, str, int] | None:
    """Statement, format and offset of the data of an `INSERT … FORMAT X⏎data`; None where no data can follow."""
    for place, word in _words(sql[:HEAD_BYTES_MAX]):
        if word == b"VALUES":
            return None
        if word == b"FORMAT" and (found := _DATA.match(sql, place + len(word))):
            if found["format"].upper() == b"VALUES":
                return None
            return sql[:place].decode(), found["format"].decode(), found.end()
    return None


def _words(sql: bytes) -> Iterator[tuple[int, bytes]]:
    for found in _WORD.finditer(sql):
        if found["word"]:
            yield found.start(), found["word"].upper()


def insert_from_file(head: str, data_format: str, path: Path) -> str:
    """The same INSERT with its data in a file: `input(structure)` becomes `file(path, format, structure)`."""
    place = quote(str(path))
    if _INPUT.search(head):
        return _INPUT.sub(lambda _: f"file({place}, {quote(data_format)}, ", head, count=1)
    encoded = head.encode()
    settings = next((start for start, word in _words(encoded) if word == b"SETTINGS"), len(encoded))
    into, rest = encoded[:settings].decode(), encoded[settings:].decode()
    return f"{into} FROM INFILE {place} {rest} FORMAT {data_format}"


def kill_by_comment(sql: str) -> str:
    """`KILL QUERY WHERE query_id = …` for an engine that makes up its own ids: ours are kept as `log_comment`."""
    return _KILL_BY_ID.sub(r"\1Settings['log_comment']", sql)


def quote(text: str) -> str:
    """A string literal of ClickHouse's SQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def preamble(statement: Statement) -> list[str]:
    """What puts a fresh session into the state that the statement runs in; `readonly` comes last, since it locks."""
    steps = [f"USE `{_identifier(statement.database)}`"] if statement.database else []
    settings = {"log_comment": statement.query_id, **statement.settings}
    if statement.is_query and not statement.is_streamed:
        settings.setdefault("max_result_bytes", str(WHOLE_RESULT_BYTES_MAX))
    readonly = settings.pop("readonly", None)
    if settings:
        steps.append("SET " + ", ".join(f"{name} = {quote(value)}" for name, value in settings.items()))
    if statement.params:
        steps.append("SET " + ", ".join(f"param_{name} = {quote(value)}" for name, value in statement.params.items()))
    if readonly is not None:
        steps.append(f"SET readonly = {quote(readonly)}")
    return steps


def _identifier(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadStatement(f"Code: 81. DB::Exception: Database {name!r} does not exist. (UNKNOWN_DATABASE)")
    return name
