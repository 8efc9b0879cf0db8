"""What `$name` stands for in queries, titles and links: Grafana's rules, as one pure function.

The page interpolates, since people see it live; the server does it to check queries. Both are held to the same table of
cases, tests/golden/dashboards/interpolation.json.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

Language = Literal["promql", "logql", "logs", "traces", "sql", "text", "url"]
REFERENCE = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:}]+))?(?::([^}]+))?\}")
"""`$name`, `[[name:format]]`, `${name.field:format}`."""
ALL = "$__all"
_REGEX = re.compile(r"[$^*{}\[\]'+?.()|\\]")
_PLAIN_WORD = re.compile(r"[\w.\-]+")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The values of a variable that hold now.

    `many`: people may choose several or all, so that a query has to be ready for it. `raw`: what stands for "All" by
    itself, which goes in as it is.
    """

    values: Sequence[str]
    many: bool = False
    raw: str | None = None
    texts: Sequence[str] = ()


def interpolate(text: str, variables: Mapping[str, Chosen], language: Language) -> str:
    """The text with every known variable filled in. An unknown one, and an unknown format, stay as they are written."""

    def filled(found: re.Match[str]) -> str:
        name, form = found[1] or found[2] or found[4], found[3] or found[6]
        chosen = variables.get(name)
        if chosen is None:
            return found[0]
        if found[5] == "text" or form == "text":
            return _for_people(chosen)
        if form is None:
            return _DEFAULTS[language](chosen)
        written = _written(name, chosen, form)
        return found[0] if written is None else written

    return REFERENCE.sub(filled, text)


def _written(name: str, chosen: Chosen, form: str) -> str | None:
    kind, _, argument = form.partition(":")
    if kind == "date" and len(chosen.values) == 1:
        return _date(chosen.values[0], argument)
    write = _FORMATS.get(kind)
    if write is None:
        return None
    return chosen.raw if chosen.raw is not None else write(name, list(chosen.values))


def named_in(text: str) -> list[str]:
    """The names that a text speaks of, each once, in order."""
    return list(dict.fromkeys(found[1] or found[2] or found[4] for found in REFERENCE.finditer(text)))


def regex_in_string(value: str) -> str:
    """A value as part of a regular expression that stands in a PromQL string: each backslash is two there."""
    return _REGEX.sub(lambda found: "\\\\\\\\" if found[0] == "\\" else f"\\\\{found[0]}", value)


def _in_string(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _for_matchers(chosen: Chosen) -> str:
    if chosen.raw is not None:
        return chosen.raw
    if not chosen.many and len(chosen.values) == 1:
        return _in_string(chosen.values[0])
    found = [regex_in_string(value) for value in chosen.values]
    return found[0] if len(found) == 1 else f"({'|'.join(found)})"


def _for_search(chosen: Chosen) -> str:
    if chosen.raw is not None:
        return chosen.raw
    found = [_search_word(value) for value in chosen.values]
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def _search_word(value: str) -> str:
    return value if _PLAIN_WORD.fullmatch(value) else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _for_sql(chosen: Chosen) -> str:
    if chosen.raw is not None:
        return chosen.raw
    if not chosen.many and len(chosen.values) == 1:
        return chosen.values[0].replace("'", "''")
    return _quoted(chosen.values, "'", "''")


def _for_people(chosen: Chosen) -> str:
    return " + ".join(chosen.texts or chosen.values)


def _for_address(chosen: Chosen) -> str:
    return chosen.raw if chosen.raw is not None else _percent(_glob(chosen.values))


_DEFAULTS: dict[str, Callable[[Chosen], str]] = {
    "promql": _for_matchers,
    "logql": _for_matchers,
    "logs": _for_search,
    "traces": _for_search,
    "sql": _for_sql,
    "text": _for_people,
    "url": _for_address,
}


def _glob(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else "{" + ",".join(values) + "}"


def _percent(text: str) -> str:
    return quote(text, safe="-_.!~*'()")


def _quoted(values: Sequence[str], sign: str, escaped: str) -> str:
    return ",".join(f"{sign}{value.replace(sign, escaped)}{sign}" for value in values)


def _regex(values: Sequence[str]) -> str:
    found = [re.sub(r"[\\^$*+?.()|\[\]{}/-]", r"\\\g<0>", value) for value in values]
    return found[0] if len(found) == 1 else f"({'|'.join(found)})"


def _lucene(values: Sequence[str]) -> str:
    found = [re.sub(r"([+\-=&|><!(){}\[\]^\"~*?:\\/ ])", r"\\\1", value) for value in values]
    return found[0] if len(found) == 1 else "(" + " OR ".join(f'"{value}"' for value in found) + ")"


def _json(values: Sequence[str]) -> str:
    return json.dumps(values[0] if len(values) == 1 else list(values), ensure_ascii=False, separators=(",", ":"))


_FORMATS: dict[str, Callable[[str, list[str]], str]] = {
    "raw": lambda _, values: ",".join(values),
    "csv": lambda _, values: ",".join(values),
    "pipe": lambda _, values: "|".join(values),
    "glob": lambda _, values: _glob(values),
    "regex": lambda _, values: _regex(values),
    "json": lambda _, values: _json(values),
    "lucene": lambda _, values: _lucene(values),
    "singlequote": lambda _, values: _quoted(values, "'", "\\'"),
    "doublequote": lambda _, values: _quoted(values, '"', '\\"'),
    "sqlstring": lambda _, values: _quoted(values, "'", "''"),
    "percentencode": lambda _, values: _percent(_glob(values)),
    "queryparam": lambda name, values: "&".join(f"var-{_percent(name)}={_percent(value)}" for value in values),
    "distributed": lambda name, values: f",{name}=".join(values),
    "html": lambda _, values: ", ".join(
        value.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
        for value in values
    ),
}

_TOKENS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


def _date(milliseconds: str, form: str) -> str:
    """`iso`, `seconds`, or of `YYYY MM DD HH mm ss`; in UTC."""
    if not milliseconds.lstrip("-").isdigit():
        return milliseconds
    if form == "seconds":
        return str(int(milliseconds) // 1000)
    time = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    if form in ("", "iso"):
        return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"
    return re.sub("|".join(_TOKENS), lambda found: time.strftime(_TOKENS[found[0]]), form)
