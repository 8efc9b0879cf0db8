"""Bodies of Alertmanager's API v2: what comes in as values, and values as it shows them."""

from typing import Any

import orjson

from midwatch.server.alerting.config.model import compiled
from midwatch.server.alerting.silences import Silence
from midwatch.server.alerting.view import AlertView
from midwatch.server.model.alert import Alert
from midwatch.server.model.errors import BadRequest
from midwatch.server.promql.matchers import Matcher, MatchType
from midwatch.server.protocols.alertmanager.matchers import WrittenMatcher, read_matcher
from midwatch.server.protocols.alertmanager.times import read_time, written_time

WRONG_TOLD_MAX = 20
LABELS_MAX = 200
LABEL_CHARACTERS_MAX = 16_384
URL_CHARACTERS_MAX = 16_384
_OPERATORS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}


def read_json(body: bytes) -> Any:
    """Raises BadRequest."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f'parsing body body from "" failed, because {error}') from None


def alerts_of(body: bytes) -> tuple[list[Alert], list[str]]:
    """The alerts of a body that are right, and what is wrong with the others. Raises BadRequest."""
    found = read_json(body)
    if not isinstance(found, list):
        raise BadRequest("expected a list of alerts")
    alerts: list[Alert] = []
    wrong: list[str] = []
    for index, one in enumerate(found):
        try:
            alerts.append(_alert(one))
        except ValueError as error:
            wrong.append(f"alert {index}: {error}")
    if len(wrong) > WRONG_TOLD_MAX:
        wrong = [*wrong[:WRONG_TOLD_MAX], f"and {len(wrong) - WRONG_TOLD_MAX} more"]
    return alerts, wrong


def _alert(one: Any) -> Alert:
    if not isinstance(one, dict):
        raise ValueError("expected an object with labels")
    labels = {name: value for name, value in _labels(one, "labels").items() if value}
    if not labels:
        raise ValueError("at least one label pair required")
    starts_ns, ends_ns = _time(one, "startsAt"), _time(one, "endsAt")
    if starts_ns and ends_ns and ends_ns < starts_ns:
        raise ValueError("start time must be before end time")
    url = one.get("generatorURL") or ""
    if not isinstance(url, str) or len(url) > URL_CHARACTERS_MAX or "\0" in url:
        raise ValueError(f"generatorURL: expected a text of at most {URL_CHARACTERS_MAX} characters")
    return Alert(labels, starts_ns, ends_ns, _labels(one, "annotations"), url)


def _labels(one: dict[str, Any], key: str) -> dict[str, str]:
    labels = one.get(key) or {}
    if not isinstance(labels, dict) or len(labels) > LABELS_MAX:
        raise ValueError(f"{key}: expected an object of at most {LABELS_MAX} texts")
    for name, value in labels.items():
        if not isinstance(value, str) or len(value) > LABEL_CHARACTERS_MAX or len(name) > LABEL_CHARACTERS_MAX:
            raise ValueError(f"{key}.{name[:100]}: expected a text of at most {LABEL_CHARACTERS_MAX} characters")
        if not name or "\0" in name or "\0" in value:
            raise ValueError(f"{key}: invalid name or value {name[:100]!r}")
    return labels


def _time(one: dict[str, Any], key: str) -> int:
    text = one.get(key) or ""
    try:
        if not isinstance(text, str):
            raise ValueError
        return read_time(text)
    except ValueError:
        raise ValueError(f"{key}={str(text)[:100]!r}: expected a time as RFC 3339 has it") from None


def parsed_matchers(texts: list[str], name: str) -> list[Matcher]:
    """Raises BadRequest."""
    try:
        return [compiled(read_matcher(text)) for text in texts]
    except ValueError as error:
        raise BadRequest(f"{name}: {error}") from None


def silence_from(one: Any) -> Silence:
    """Raises BadRequest."""
    try:
        return _silence(one)
    except ValueError as error:
        raise BadRequest(f"invalid silence: {error}") from None


def _silence(one: Any) -> Silence:
    if not isinstance(one, dict):
        raise ValueError("expected an object")
    texts = {name: one.get(name) for name in ("createdBy", "comment", "startsAt", "endsAt")}
    for name, text in texts.items():
        if not isinstance(text, str) or "\0" in text:
            raise ValueError(f"{name} in body is required, as a text")
    matchers = one.get("matchers")
    if not isinstance(matchers, list) or len(matchers) > LABELS_MAX:
        raise ValueError(f"matchers in body is required, as a list of at most {LABELS_MAX}")
    id_ = one.get("id") or ""
    if not isinstance(id_, str):
        raise ValueError("id: expected a text")
    return Silence(
        matchers=tuple(_matcher(matcher) for matcher in matchers),
        starts_at_ns=_time(one, "startsAt"),
        ends_at_ns=_time(one, "endsAt"),
        created_by=one["createdBy"],
        comment=one["comment"],
        id=id_,
        annotations=_labels(one, "annotations"),
    )


def _matcher(one: Any) -> Matcher:
    if not isinstance(one, dict) or not isinstance(one.get("name"), str) or not isinstance(one.get("value"), str):
        raise ValueError("matchers: expected objects with name, value, isRegex and isEqual")
    equal, regex = one.get("isEqual"), one.get("isRegex")
    operator = _OPERATORS[equal is None or bool(equal), bool(regex)]
    if not one["name"]:
        raise ValueError("matchers: expected a name")
    return compiled(WrittenMatcher(one["name"], operator, one["value"]))


def alert_shown(view: AlertView) -> dict[str, Any]:
    alert = view.alert
    return {
        "annotations": alert.annotations,
        "endsAt": written_time(alert.ends_at_ns),
        "fingerprint": alert.fingerprint,
        "receivers": [{"name": name} for name in view.receivers],
        "startsAt": written_time(alert.starts_at_ns),
        "status": {
            "inhibitedBy": view.inhibited_by,
            "mutedBy": view.muted_by,
            "silencedBy": view.silenced_by,
            "state": "suppressed" if view.suppressed else "active",
        },
        "updatedAt": written_time(alert.updated_at_ns),
        "generatorURL": alert.generator_url,
        "labels": alert.labels,
    }


def matcher_shown(one: Matcher) -> dict[str, Any]:
    return {
        "isEqual": one.type in (MatchType.EQUAL, MatchType.REGEX),
        "isRegex": one.type in (MatchType.REGEX, MatchType.NOT_REGEX),
        "name": one.name,
        "value": one.value,
    }


def silence_shown(one: Silence, now_ns: int) -> dict[str, Any]:
    return {
        "id": one.id,
        "status": {"state": one.state(now_ns).value},
        "updatedAt": written_time(one.updated_at_ns),
        "comment": one.comment,
        "createdBy": one.created_by,
        "endsAt": written_time(one.ends_at_ns),
        "matchers": [matcher_shown(matcher) for matcher in one.matchers],
        "startsAt": written_time(one.starts_at_ns),
        "annotations": one.annotations,
    }
