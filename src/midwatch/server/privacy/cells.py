"""What may be stored of suspicious cells: pure, run in a thread or in another process."""

import base64
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson

from midwatch.contract.privacy import REMOVED
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.contract.redaction.said import LEFT_OUT, safe_text
from midwatch.contract.redaction.values import Redactor
from midwatch.server.model.privacy import Answer, Cell

KEY = "key"
"""What is told of a value that went for its key, where no rule says more."""
REMOVED_BEFORE = "[removed]\x01"
"""How the store says that it removed a value for its key."""
IDS = frozenset({"DistinctId", "LinkedId", "EventId", "EntityId", "ActorId", "CorrelationId"})
"""Columns by which rows are joined: people and entities stay told apart."""
_SIGNALS = {"events": "logs", "errors": "logs"}
"""By which of the SDK's signals rules go."""
REDACTORS_MAX = 256


class CellRedactor:
    """Of one signal and service."""

    def __init__(self, policy: PrivacyPolicy, signal: str, service: str) -> None:
        self._ids = policy.keys.current if policy.keys else policy.ids
        self._found: set[str] = set()
        self._redactor = Redactor(policy, signal=_SIGNALS.get(signal, signal), service=service, found=self._found.add)

    def answer(self, cell: Cell) -> Answer:
        if cell.value == REMOVED_BEFORE:
            return Answer(cell.hash, REMOVED, (KEY,))
        self._found.clear()
        value = _value(cell)
        # A text without a key is no field, and no rule for fields is for it.
        is_field = cell.key or not isinstance(value, str)
        told = self._redactor.value(cell.key, value) if is_field else self._redactor.text(value)
        if told is LEFT_OUT:
            return Answer(cell.hash, None, (KEY,))
        if told == value:
            return Answer(cell.hash, cell.value, ())
        found = tuple(sorted(self._found)) or (KEY,)
        if cell.place in IDS and isinstance(told, str):
            told = self._id(cell.value)
        return Answer(cell.hash, told if isinstance(told, str) else _written(told), found)

    def _id(self, value: str) -> str:
        return f"[id {self._ids.hash(value)}]" if self._ids else REMOVED


_one_at_a_time = threading.Lock()
"""What a redactor found is told of one cell after another."""


def cleaned(policy: PrivacyPolicy, signal: str, cells: Sequence[Cell]) -> list[Answer]:
    with _one_at_a_time:
        return [_redactor(policy, signal, cell.service).answer(cell) for cell in cells]


@lru_cache(REDACTORS_MAX)
def _redactor(policy: PrivacyPolicy, signal: str, service: str) -> CellRedactor:
    return CellRedactor(policy, signal, service)


def _value(cell: Cell) -> Any:
    """What was sent, of what the store made a text of."""
    try:
        match cell.kind:
            case 2:
                return cell.value == "true"
            case 3:
                return int(cell.value)
            case 4:
                return float(cell.value)
            case 5 | 6:
                return orjson.loads(cell.value)
            case 7:
                return base64.b64decode(cell.value, validate=True)
    except ValueError:
        pass
    return cell.value


def _written(told: Any) -> str:
    if isinstance(told, bytes):
        return base64.b64encode(told).decode()
    return orjson.dumps(told).decode() if isinstance(told, dict | list) else safe_text(told)
