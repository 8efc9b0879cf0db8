"""Parsers of lines in SQL: each a map of what it found, with `__error__` where a line is not of its format."""

import re
from collections.abc import Sequence

from midwatch.server.query.logql.sql.labels import Bind, is_pushed, sql_name

JSON_DEPTH = 3
"""Levels of objects inside of a line that `json` flattens; what is deeper is left out."""
EMPTY = "CAST(map() AS Map(String, String))"
_PATH_PART = re.compile(r"\.?([A-Za-z_][^.\[\]\s]*)|\[\"((?:[^\"\\]|\\.)*)\"\]|\[(\d+)\]")


def json_map(line: str, *, of_streams: bool = True) -> str:
    """All of a JSON object's scalars, nested names joined by `_`; a stream's own label is not overwritten."""
    pairs = f"JSONExtractKeysAndValuesRaw({line})"
    for level in range(JSON_DEPTH):
        p, c = f"p{level}", f"c{level}"
        inner = f"arrayMap({c} -> (concat({p}.1, '_', {c}.1), {c}.2), JSONExtractKeysAndValuesRaw({p}.2))"
        pairs = f"arrayFlatten(arrayMap({p} -> if(startsWith({p}.2, '{{'), {inner}, [{p}]), {pairs}))"
    scalars = f"arrayFilter(s -> NOT (startsWith(s.2, '{{') OR startsWith(s.2, '[') OR s.2 = 'null'), {pairs})"
    names = (
        _own_names(f"arrayMap(s -> {sql_name('s.1')}, {scalars})") if of_streams else f"arrayMap(s -> s.1, {scalars})"
    )
    values = f"arrayMap(s -> {_scalar('s.2')}, {scalars})"
    return _or_error(
        is_object(line), f"mapFromArrays({names}, {values})", "JSONParserErr", "the line is no JSON object"
    )


def json_fields(line: str, fields: Sequence[tuple[str, str]], bind: Bind) -> str:
    """Those at paths such as `request.headers["user-agent"]` or `servers[0]`."""
    found = []
    for label, path in fields:
        arguments = "".join(f", {part + 1 if isinstance(part, int) else bind(part)}" for part in json_path(path))
        raw = f"JSONExtractRaw({line}{arguments})"
        found.append(f"{bind(label)}, {_scalar(raw)}")
    return _or_error(is_object(line), f"map({', '.join(found)})", "JSONParserErr", "the line is no JSON object")


def json_path(text: str) -> list[str | int]:
    """
    Raises:
        ValueError: it is none.
    """
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        found = _PATH_PART.match(text, at)
        if found is None:
            raise ValueError(f'{text[:60]!r}: expected a path such as request.headers["user-agent"] or servers[0]')
        name, quoted, index = found.groups()
        parts.append(int(index) if index is not None else name if name is not None else re.sub(r"\\(.)", r"\1", quoted))
        at = found.end()
    if not parts:
        raise ValueError("expected a path such as servers[0]")
    return parts


def logfmt_map(line: str) -> str:
    found = _logfmt(line)
    names = _own_names(f"arrayMap(k -> {sql_name('k')}, mapKeys({found}))")
    return f"CAST(mapFromArrays({names}, mapValues({found})) AS Map(String, String))"


def logfmt_fields(line: str, fields: Sequence[tuple[str, str]], bind: Bind) -> str:
    found = ", ".join(f"{bind(label)}, {_logfmt(line)}[{bind(key)}]" for label, key in fields)
    return f"CAST(map({found}) AS Map(String, String))"


def unpacked(line: str) -> str:
    """A packed line's labels; `_entry`, the line itself, is among them."""
    pairs = f"arrayFilter(s -> startsWith(s.2, '\"'), JSONExtractKeysAndValuesRaw({line}))"
    names, values = f"arrayMap(s -> s.1, {pairs})", f"arrayMap(s -> JSONExtractString(s.2), {pairs})"
    return _or_error(
        is_object(line), f"mapFromArrays({names}, {values})", "JSONParserErr", "the line is no JSON object"
    )


def captures(line: str, pattern: str, names: Sequence[str], bind: Bind) -> str:
    """The named groups of a regular expression's first match; none where it does not match."""
    groups = f"extractGroups({line}, {bind(pattern)})"
    found = ", ".join(f"{bind(name)}, {groups}[{place}]" for place, name in enumerate(names, start=1) if name)
    return f"CAST(map({found}) AS Map(String, String))"


def decolorized(line: str) -> str:
    return f"replaceRegexpAll({line}, '\\\\x1b\\\\[[0-9;]*[A-Za-z]', '')"


def is_object(line: str) -> str:
    return f"(isValidJSON({line}) AND startsWith(trimLeft({line}), '{{'))"


def _scalar(raw: str) -> str:
    return f"if(startsWith({raw}, '\"'), JSONExtractString({raw}), {raw})"


def _own_names(names: str) -> str:
    """A name that is a stream's label already gets Loki's `_extracted`."""
    return f"arrayMap(n -> if({is_pushed('n')}, concat(n, '_extracted'), n), {names})"


def _logfmt(line: str) -> str:
    return f"extractKeyValuePairsWithEscaping({line}, '=', ' ', '\"')"


def _or_error(condition: str, found: str, error: str, details: str) -> str:
    failed = f"map('__error__', '{error}', '__error_details__', '{details}')"
    return f"if({condition}, CAST({found} AS Map(String, String)), CAST({failed} AS Map(String, String)))"
