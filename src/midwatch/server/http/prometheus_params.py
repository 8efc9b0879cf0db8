"""Parameters as Prometheus's HTTP API takes them: of the address and of a form, numbers and RFC 3339 as times."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import Request

from midwatch.server.http.form import FORM, read_form
from midwatch.server.model.errors import BadRequest
from midwatch.server.promql.errors import ParameterError
from midwatch.server.promql.syntax.text import parse_duration
from midwatch.server.query.metrics.scope import TIME_MS_MAX, TIME_MS_MIN

TEXT_MAX = 200_000
"""Characters of one parameter; Grafana's lists of hosts in a regular expression run to tens of thousands."""
MANY_MAX = 200
"""How often a parameter may be given."""
_SECONDS_MAX = 2**63 / 1e9
_MIN_TEXT, _MAX_TEXT = "-292273086-05-16T16:47:06Z", "292277025-08-18T07:12:54.999999999Z"
"""The ends of time as Prometheus's own clients write them."""
_FRACTION = re.compile(r"\.(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says. All methods raise BadRequest, which names the parameter."""

    values: Mapping[str, list[str]]

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name, [default])[0]

    def texts(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def needed(self, name: str) -> str:
        if not (found := self.text(name)):
            raise invalid(name, "expected a value")
        return found

    def time_ms(self, name: str, default: int | None = None) -> int:
        text = self.text(name)
        if not text and default is not None:
            return default
        return _time_ms(text, name)

    def duration_ms(self, name: str, default: int | None = None) -> int:
        text = self.text(name)
        if not text and default is not None:
            return default
        return _duration_ms(text, name)

    def limit(self, name: str = "limit") -> int:
        """0 where none is given: no limit."""
        text = self.text(name) or "0"
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise invalid(name, f'"{text[:50]}": expected a number, 0 for all')
        return int(text)


async def asked(request: Request) -> Asked:
    """As a dependency: the form's parameters go before the address's.

    Raises:
        BadRequest: too many of one, or a body that is no form.
    """
    values: dict[str, list[str]] = {}
    pairs = [*await read_form(request), *request.query_params.multi_items()]
    for name, value in pairs:
        given = values.setdefault(name, [])
        given.append(value)
        if len(given) > MANY_MAX:
            raise invalid(name[:60], f"given more than {MANY_MAX} times")
        if len(value) > TEXT_MAX:
            raise invalid(name[:60], f"expected at most {TEXT_MAX:,} characters")
    return Asked(values)


def invalid(name: str, problem: str) -> BadRequest:
    return BadRequest(f'invalid parameter "{name}": {problem}')


def _time_ms(text: str, name: str) -> int:
    if text in (_MIN_TEXT, _MAX_TEXT):
        return TIME_MS_MIN if text == _MIN_TEXT else TIME_MS_MAX
    problem = invalid(name, f'cannot parse "{text[:50]}" to a valid timestamp')
    try:
        seconds = float(text)
    except ValueError:
        return _rfc3339_ms(text, problem)
    if not math.isfinite(seconds) or abs(seconds) >= _SECONDS_MAX or "_" in text:
        raise problem
    return round(seconds * 1000)


def _rfc3339_ms(text: str, problem: BadRequest) -> int:
    fraction = _FRACTION.search(text)
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text, count=1))
    except ValueError:
        raise problem from None
    if "T" not in text.upper() or moment.tzinfo is None:
        raise problem
    whole = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86_400 + whole.seconds) * 1000 + (int(fraction[1].ljust(9, "0")[:3]) if fraction else 0)


def _duration_ms(text: str, name: str) -> int:
    problem = f'cannot parse "{text[:50]}" to a valid duration'
    try:
        seconds = float(text)
    except ValueError:
        try:
            return parse_duration(text)
        except ParameterError:
            raise invalid(name, problem) from None
    if not math.isfinite(seconds) or abs(seconds) >= _SECONDS_MAX or "_" in text:
        raise invalid(name, problem)
    return int(seconds * 1000)


def described(*parameters: str, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """What OpenAPI says of a route whose parameters `asked` reads."""
    schemas = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": _TEXTS[name] + ("; needed here or in the form" if name in needed else ""),
            "schema": {"type": "array", "items": {"type": "string"}} if name in _LISTS else {"type": "string"},
        }
        for name in parameters
    ]
    return {"parameters": schemas}


def described_form(*parameters: str) -> dict[str, Any]:
    """The same, and that a POST may have them in a form."""
    fields = {
        name: {"type": "array", "items": {"type": "string"}} if name in _LISTS else {"type": "string"}
        for name in parameters
    }
    content = {FORM: {"schema": {"type": "object", "properties": fields}}}
    return {**described(*parameters), "requestBody": {"required": False, "content": content}}


_LISTS = frozenset({"match[]", "extra_filters[]", "env", "rule_name[]", "rule_group[]", "file[]"})
_TEXTS = {
    "query": "PromQL",
    "time": "seconds or RFC 3339; default now",
    "start": "seconds or RFC 3339",
    "end": "seconds or RFC 3339",
    "step": "seconds or a duration such as 15s",
    "timeout": "a duration, at most the server's own",
    "limit": "series or entries of the answer, 0: all",
    "lookback_delta": "a duration; default 5m",
    "stats": "all: with timings and samples",
    "extra_filters[]": 'label matchers such as {job="api"}: every selector of the query has them, too',
    "match[]": "series selectors; whatever fits one of them",
    "metric": "one metric's name; default all",
    "limit_per_metric": "entries a metric, 0: all",
    "state": "active, dropped or any",
    "scrapePool": "one job of the plan; default all",
    "type": "alert or record; default both",
    "rule_name[]": "rules of these names alone",
    "rule_group[]": "groups of these names alone",
    "file[]": "rules of these files alone",
    "exclude_alerts": "true: without the alerts of each rule",
    "group_limit": "groups of one answer; more follow by group_next_token",
    "group_next_token": "as the answer before gave it",
    "env": "environments; none given: all (not Prometheus's)",
}
