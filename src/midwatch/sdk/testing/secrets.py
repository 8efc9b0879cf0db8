"""Where something private is seen: in what was written, in what would be sent, in labels of metrics."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from midwatch.contract.privacy import REMOVED
from midwatch.sdk import redaction_signals
from midwatch.sdk.testing.values import Told, leaves

Labels = Mapping[str, Sequence[Mapping[str, str]]]

_IDS = frozenset(("correlation_id", "trace_id", "span_id", "request_id", "parent_id", "event_id"))


def found_in(told: Iterable[Told], labels: Labels, secrets: Sequence[str]) -> Iterator[str]:
    """A sentence for each secret in each thing."""
    for one in told:
        for secret in secrets:
            places = [path for path, _, leaf in _leaves(one) if secret in str(leaf)]
            if places:
                yield f"{secret!r} is in {one.title}, {', '.join(places)}"
            elif any(text.encode() in one.sent for text in (secret, json.dumps(secret)[1:-1])):
                yield f"{secret!r} is in what is sent of {one.title}"
    for place, value in _of_labels(labels):
        yield from (f"{secret!r} is in {place}" for secret in secrets if secret in value)


def private_in(told: Iterable[Told], labels: Labels) -> Iterator[str]:
    """A sentence for each value that a redactor would take out."""
    clean = redaction_signals.in_force().logs
    for one in told:
        for path, key, leaf in _leaves(one):
            if isinstance(leaf, str) and redaction_signals.looks_private(leaf):
                yield f"{leaf!r} is in {one.title}, {path}"
            elif key and leaf not in (None, "", REMOVED) and clean.value(key, leaf) == REMOVED:
                yield f"{leaf!r} is in {one.title}, under the private key {path}"
    for place, value in _of_labels(labels):
        if redaction_signals.looks_private(value):
            yield f"{value!r} is in {place}"


def _leaves(one: Told) -> Iterator[tuple[str, str, Any]]:
    assert is_dataclass(one)
    for field in fields(one):
        if field.name not in _IDS and field.name != "sent":
            yield from leaves(getattr(one, field.name), field.name)


def _of_labels(labels: Labels) -> Iterator[tuple[str, str]]:
    for name, series in labels.items():
        for some in series:
            yield from ((f"metric {name}, label {key}", value) for key, value in some.items())
