"""What labels and annotations may say: Prometheus's template functions (template/template.go of 3.x)."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import re2  # type: ignore[import-untyped]

from midwatch.server.gotemplate import SafeText, TemplateError, Templates, with_templates
from midwatch.server.promql.floats import short
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.syntax.text import parse_duration, parse_number

Query = Callable[[str], Sequence[tuple[Labels, float]]]
"""PromQL at the time of the evaluation → an instant vector."""
_LARGE, _SMALL = ("k", "M", "G", "T", "P", "E", "Z", "Y"), ("m", "u", "n", "p", "f", "a", "z", "y")
_BINARY = tuple(f"{one}i" for one in ("k", "M", "G", "T", "P", "E", "Z", "Y"))
_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")
_QUIET = re2.Options()
_QUIET.log_errors = False
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Surroundings:
    """What is the same for every rule of a server. Its address may be known only when it listens."""

    external_url: str = ""
    external_labels: Mapping[str, str] = field(default_factory=dict)

    def link(self, query: str, view: str = "chart") -> str:
        """To a query in the page, below the server's address."""
        return f"{urlsplit(self.external_url).path.rstrip('/')}/explore?expr={quote_plus(query)}&view={view}"

    def whole_link(self, query: str) -> str:
        """The same with the address in front: an alert's `generatorURL`."""
        return f"{self.external_url.rstrip('/')}/explore?expr={quote_plus(query)}&view=table"

    def runbook_link(self, name: str, fingerprint: str) -> str:
        """To a runbook of the plan, filled in by an alert."""
        return f"{self.external_url.rstrip('/')}/alerts/runbooks/{quote(name)}?alert={fingerprint}"


_NAMES = frozenset({"labels", "externalLabels", "externalURL", "value"})
_query: ContextVar[Query] = ContextVar("query")


class RuleTemplates:
    """Expands texts; parsed ones are remembered. Safe between threads."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self._templates = Templates(self._functions())

    def expanded(self, text: str, labels: Labels, value: float, query: Query) -> str:
        """A label or annotation for one element; `query` asks at the time of the evaluation, and raises ValueError.

        What fails is told in its place, as Prometheus does: nobody is left asleep for the sake of a text.
        """
        if "{{" not in text:
            return text
        outside = self.surroundings
        named = {"Labels": dict(labels), "ExternalLabels": dict(outside.external_labels)}
        data = {**named, "ExternalURL": outside.external_url, "Value": value}
        variables = {name[:1].lower() + name[1:]: one for name, one in data.items()}
        before = _query.set(query)
        try:
            return self._templates.render(text, data, variables=variables)
        except TemplateError as error:
            return f"<error expanding template: {error}>"
        finally:
            _query.reset(before)

    def check(self, text: str) -> None:
        """
        Raises:
            TemplateError: it is no template; with line and column.
        """
        if "{{" in text:
            self._templates.check(text, variables=_NAMES)

    def _functions(self) -> dict[str, Callable[..., Any]]:
        outside = self.surroundings
        return {
            **FUNCTIONS,
            "query": _asked,
            "tmpl": _named,
            "graphLink": outside.link,
            "tableLink": lambda query: outside.link(query, "table"),
            "externalURL": lambda: outside.external_url,
            "pathPrefix": lambda: urlsplit(outside.external_url).path,
        }


def _asked(text: str) -> list[dict[str, Any]]:
    return [{"Labels": dict(labels), "Value": value} for labels, value in _query.get()(text)]


@with_templates
def _named(execute: Callable[[str, Any], str], name: str, data: Any) -> SafeText:
    return SafeText(execute(name, data))


def _float(value: Any) -> float:
    if isinstance(value, bool) or value is None:
        raise ValueError(f"can't convert {value!r} to float")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        return parse_number(value)
    return float(value)


def _digits(value: float) -> str:
    """Go's `%.4g`."""
    return short(value, digits=4)


def humanize(value: Any) -> str:
    number = _float(value)
    if number == 0 or not math.isfinite(number):
        return _digits(number)
    if abs(number) >= 1:
        return _scaled(number, _LARGE, 1000)
    return _small(number, "")


def humanize_1024(value: Any) -> str:
    number = _float(value)
    return _digits(number) if abs(number) <= 1 or not math.isfinite(number) else _scaled(number, _BINARY, 1024)


def _scaled(number: float, prefixes: Sequence[str], base: int) -> str:
    prefix = ""
    for one in prefixes:
        if abs(number) < base:
            break
        prefix, number = one, number / base
    return f"{_digits(number)}{prefix}"


def _small(number: float, unit: str) -> str:
    prefix = ""
    for one in _SMALL:
        if abs(number) >= 1:
            break
        prefix, number = one, number * 1000
    return f"{_digits(number)}{prefix}{unit}"


def humanize_duration(value: Any) -> str:
    number = _float(value)
    if not math.isfinite(number):
        return _digits(number)
    if abs(number) < 1:
        return _small(number, "s") if number else f"{_digits(number)}s"
    sign, number = ("-", -number) if number < 0 else ("", number)
    whole = int(number)
    seconds, minutes, hours, days = whole % 60, whole // 60 % 60, whole // 3600 % 24, whole // 86_400
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    return f"{sign}{minutes}m {seconds}s" if minutes else f"{sign}{_digits(number)}s"


def humanize_percentage(value: Any) -> str:
    return f"{_digits(_float(value) * 100)}%"


def humanize_timestamp(value: Any) -> str:
    number = _float(value)
    if not math.isfinite(number):
        return _digits(number)
    try:
        # Milliseconds are what Prometheus's own times have.
        milliseconds = int(number * 1000)
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise ValueError(f"{number} is no time that can be shown") from None
    fraction = f".{milliseconds % 1000:03d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"


def _first(vector: Sequence[Any]) -> Any:
    if not vector:
        raise ValueError("first() called on vector with no elements")
    return vector[0]


def _sorted(label: str, vector: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(vector, key=lambda one: one["Labels"].get(label, ""))


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None


def _replaced(pattern: str, replacement: str, text: str) -> str:
    """`$1`, `${name}`: what a group matched, and nothing where there is no such group."""

    def one(found: Any) -> str:
        return _REFERENCE.sub(lambda reference: _group(found, reference), replacement)

    replaced: str = _compiled(pattern).sub(one, text)
    return replaced


def _group(found: Any, reference: "re.Match[str]") -> str:
    name = reference[1] or reference[2]
    if name is None:
        return "$"
    try:
        return found.group(int(name) if name.isdigit() else name) or ""
    except (IndexError, KeyError, re2.error):
        return ""


def _compiled(pattern: str) -> Any:
    try:
        return re2.compile(pattern, _QUIET)
    except re2.error as problem:
        raise ValueError(f"{pattern!r} is no regular expression: {problem}") from None


def _strip_port(address: str) -> str:
    return split[0] if (split := _host_and_port(address)) else address


def _strip_domain(address: str) -> str:
    host, port = _host_and_port(address) or (address, "")
    try:
        ip_address(host)
    except ValueError:
        name = host.split(".")[0]
        return f"{name}:{port}" if port else name
    return address


def _host_and_port(address: str) -> tuple[str, str] | None:
    """As Go's `net.SplitHostPort`; None where it would fail."""
    if address.startswith("["):
        host, bracket, port = address[1:].partition("]:")
        return (host, port) if bracket and "]" not in host and ":" not in port else None
    host, colon, port = address.rpartition(":")
    return (host, port) if colon and ":" not in host and "]" not in address else None


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "first": _first,
    "label": lambda name, sample: sample["Labels"].get(name, ""),
    "value": lambda sample: sample["Value"],
    "strvalue": lambda sample: sample["Labels"].get("__value__", ""),
    "args": lambda *values: {f"arg{place}": value for place, value in enumerate(values)},
    "sortByLabel": _sorted,
    "reReplaceAll": _replaced,
    "match": _matches,
    "safeHtml": SafeText,
    "title": lambda text: re.sub(r"(?<!\w)\w", lambda found: found[0].upper(), text),
    "toUpper": str.upper,
    "toLower": str.lower,
    "stripPort": _strip_port,
    "stripDomain": _strip_domain,
    "humanize": humanize,
    "humanize1024": humanize_1024,
    "humanizeDuration": humanize_duration,
    "humanizePercentage": humanize_percentage,
    "humanizeTimestamp": humanize_timestamp,
    "parseDuration": lambda text: parse_duration(text) / 1000,
    "urlQueryEscape": quote_plus,
}

_CHECKING = RuleTemplates(Surroundings())


def check_template(text: str) -> None:
    """Raises TemplateError, which knows line and column."""
    _CHECKING.check(text)
