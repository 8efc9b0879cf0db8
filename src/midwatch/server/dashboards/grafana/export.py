"""A dashboard → Grafana's JSON that still has what only Grafana knows of the original.

Unchanged, a board goes out as it came in. Changed, what differs between the board as it came in and as it is now is put
into the original, and nothing else of it is touched.
"""

import copy
from typing import Any

from midwatch.server.dashboards.grafana.boards import classic
from midwatch.server.dashboards.grafana.keys import entries
from midwatch.server.dashboards.grafana.legacy.upgrade import upgraded
from midwatch.server.dashboards.grafana.read import own_uid, read_grafana
from midwatch.server.dashboards.grafana.write import written
from midwatch.server.dashboards.report import Refused
from midwatch.server.schemas.dashboards.board import Dashboard

_NAMES = {"refId", "name"}
_OF_THE_MODEL = ("schemaVersion", "editable", "__inputs")


def export_grafana(dashboard: Dashboard, original: dict[str, Any] | None = None) -> dict[str, Any]:
    """`original` is what the board was imported from."""
    if original is None:
        return written(dashboard)
    was = read_grafana(original, uid=dashboard.uid).dashboard
    if was == dashboard:
        return _with_uid(original, dashboard.uid)
    before, after = written(was), written(dashboard)
    for name in _OF_THE_MODEL:
        before.pop(name, None)
        after.pop(name, None)
    raw = copy.deepcopy(classic(original))
    raws = _by_number(raw.pop("panels"), before["panels"])
    befores = {one["id"]: one for one in _every(before.pop("panels"))}
    panels = after.pop("panels")
    found: dict[str, Any] = merged(raw, before, after)
    same_places = _places(befores.values()) == _places(_every(panels))
    found["panels"] = [_panel(one, raws, befores, keep_place=same_places) for one in panels]
    return found


def merged(raw: Any, before: Any, after: Any) -> Any:
    """`raw` with what changed from `before` to `after`; the rest of it stays."""
    if before == after:
        return raw
    if isinstance(raw, dict) and isinstance(before, dict) and isinstance(after, dict):
        found = dict(raw)
        for key in [*before, *(key for key in after if key not in before)]:
            if key not in after:
                found.pop(key, None)
            elif key not in before or before[key] != after[key]:
                found[key] = merged(raw.get(key), before.get(key), after[key])
        return found
    if (name := _key_of(raw, before, after)) is not None:
        befores = {one[name]: one for one in before}
        # Old boards have entries without a name, or two of one: here they have names, in the same order.
        named = zip(befores, raw, strict=True) if len(raw) == len(befores) else ((one.get(name), one) for one in raw)
        raws = dict(named)
        return [_named(merged(raws.get(one[name]), befores.get(one[name]), one), name, one[name]) for one in after]
    return copy.deepcopy(after)


def _named(entry: Any, name: str, value: Any) -> Any:
    return entry if entry.get(name) == value else {**entry, name: value}


def _key_of(raw: Any, before: Any, after: Any) -> str | None:
    """What tells the entries of lists apart, where all have it."""
    if not all(isinstance(side, list) and all(isinstance(one, dict) for one in side) for side in (raw, before, after)):
        return None
    return next((name for name in _NAMES if all(name in one for side in (before, after) for one in side)), None)


def _panel(
    panel: dict[str, Any], raws: dict[int, Any], befores: dict[int, dict[str, Any]], *, keep_place: bool
) -> dict[str, Any]:
    inside = [_panel(one, raws, befores, keep_place=keep_place) for one in panel.get("panels", [])]
    raw, before = raws.get(panel["id"]), befores.get(panel["id"])
    if raw is None or before is None:
        return {**panel, "panels": inside} if "panels" in panel else panel
    place = raw.get("gridPos") if keep_place else panel["gridPos"]
    plain = {key: value for key, value in panel.items() if key not in ("panels", "gridPos")}
    before = {key: value for key, value in before.items() if key not in ("panels", "gridPos")}
    if plain != before:
        raw = _changed(raw, before, plain)
    found = {**raw, "gridPos": place or panel["gridPos"], "id": panel["id"]}
    return {**found, "panels": inside} if "panels" in panel else found


def _changed(raw: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    try:
        today, _ = upgraded(raw)
    except Refused:
        today = raw
    found: dict[str, Any] = merged(today, before, after)
    if before.get("type") != after.get("type"):
        found |= {key: after[key] for key in ("options", "fieldConfig") if key in after}
    was = {one["refId"]: one for one in before.get("targets", [])}
    own = {one["refId"]: one for one in after.get("targets", []) if "language" in one and was.get(one["refId"]) != one}
    if own:  # a search of ours in place of another product's
        found["targets"] = [own.get(one.get("refId"), one) for one in found.get("targets", [])]
    return found


def _by_number(raws: list[Any], numbered: list[dict[str, Any]]) -> dict[int, Any]:
    """Panels of the original by the number that they have here, which not all of them bring."""
    found: dict[int, Any] = {}
    ordered = [one for one in raws if isinstance(one, dict)]
    with_numbers = {one["id"]: one for one in _every(numbered)}
    unnumbered = []
    for one in _every(ordered):
        number = one.get("id")
        if isinstance(number, int) and number in with_numbers and number not in found:
            found[number] = one
        else:
            unnumbered.append(one)
    spare = sorted(number for number in with_numbers if number not in found)
    return found | dict(zip(spare, unnumbered, strict=False))


def _every(panels: Any) -> list[dict[str, Any]]:
    return [each for one in panels if isinstance(one, dict) for each in (one, *_every(entries(one.get("panels"))))]


def _places(panels: Any) -> list[Any]:
    return [(one["id"], one["gridPos"]) for one in panels]


def _with_uid(original: dict[str, Any], uid: str) -> dict[str, Any]:
    """As it came; a board that was given another uid has that one."""
    found = copy.deepcopy(original)
    inner = found["dashboard"] if isinstance(found.get("dashboard"), dict) and "panels" not in found else found
    if isinstance(inner.get("metadata"), dict) and inner["metadata"].get("name") not in (None, uid):
        inner["metadata"]["name"] = uid
    elif isinstance(inner.get("uid"), str) and own_uid(inner["uid"], str(inner.get("title"))) != uid:
        inner["uid"] = uid
    return found
