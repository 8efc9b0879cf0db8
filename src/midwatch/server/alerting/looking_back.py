"""Finds what happened to alerts by any of their labels, in all that was ever kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from midwatch.server.model.alert import ALERT_NAME
from midwatch.server.promql.matchers import Matcher, MatchType
from midwatch.server.workspace.alerting import EVENTS_PAGE_MAX, AlertingState
from midwatch.server.workspace.models import AlertEventRow

READ_MAX = 20_000
"""Changes that one question looks at: where it is not over by then, its answer says from where to go on."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
Place = tuple[int, int]
"""Time and id of a change."""


@dataclass(frozen=True, slots=True)
class LookedBack:
    rows: list[AlertEventRow]
    """Newest first."""
    next: Place | None
    """From where to go on; None: there is nothing older."""


async def look_back(
    state: AlertingState, matchers: Sequence[Matcher], *, before: Place | None, limit: int, **chosen: Any
) -> LookedBack:
    """Changes whose labels all matchers hold of; of messages, the labels are their group's. Raises BadRequest."""
    narrowed = _narrowed(chosen, matchers)
    if narrowed is None:
        return LookedBack([], None)
    found: list[AlertEventRow] = []
    at_once = EVENTS_PAGE_MAX if matchers else limit
    for _ in range(0, READ_MAX, at_once):
        rows = await state.events(before=before, limit=at_once, **narrowed)
        for row in rows:
            before = (row.at_ns, row.id)
            if _hold(matchers, row):
                found.append(row)
            if len(found) == limit:
                return LookedBack(found, before)
        if len(rows) < at_once:
            return LookedBack(found, None)
    return LookedBack(found, before)


def _narrowed(chosen: dict[str, Any], matchers: Sequence[Matcher]) -> dict[str, Any] | None:
    """With what the database can tell by itself; None: nothing can be meant."""
    equal = {one.name: one.value for one in matchers if one.type is MatchType.EQUAL and one.value}
    name = equal.pop(ALERT_NAME, None)
    if name is not None:
        if chosen.get("rule") not in (None, name):
            return None
        chosen = chosen | {"rule": name}
    return chosen | {"labels": {name: value for name, value in equal.items() if _PLAIN.fullmatch(name)}}


def _hold(matchers: Sequence[Matcher], row: AlertEventRow) -> bool:
    labels = {ALERT_NAME: row.rule} | row.labels
    return all(one.matches(labels.get(one.name, "")) for one in matchers)
