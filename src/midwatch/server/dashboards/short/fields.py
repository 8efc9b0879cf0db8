"""How values look, in short form → the model."""

from typing import Any

from midwatch.contract.plan.document import Path
from midwatch.server.dashboards.grafana.keys import as_number
from midwatch.server.dashboards.short.form import ShortField, ShortMapping
from midwatch.server.dashboards.short.mistake import Mistake

UNITS = {
    "ratio": "percentunit",
    "rps": "reqps",
    "seconds": "s",
    "milliseconds": "ms",
    "bytes/s": "Bps",
    "count": "short",
}
"""Names beside Grafana's own ids."""
BASE = "base"
_SPECIAL = {"null", "nan"}


def field_of(short: ShortField, kind: str, path: Path) -> dict[str, Any]:
    """Raises Mistake."""
    stack = {True: "normal", False: "off", "percent": "percent", None: None}[short.stack]
    drawing = {
        "style": short.style,
        "fill_opacity": short.fill if short.fill is not None or not short.stack else 30,
        "stack": stack,
        "axis": short.axis,
        "hide_in_graph": short.hidden,
    }
    drawn = kind != "table" and any(value is not None for value in drawing.values())
    return {
        "title": short.label,
        "unit": UNITS.get(short.unit or "", short.unit),
        "decimals": short.decimals,
        "min": short.min,
        "max": short.max,
        "no_value": short.no_value,
        "color": {"mode": "fixed", "fixed": short.color} if short.color else None,
        "thresholds": None if short.thresholds is None else _thresholds(short.thresholds, path),
        "mappings": None if short.mappings is None else [_mapping(*one) for one in short.mappings.items()],
        "drawing": drawing if drawn else None,
        "cell": {"hidden": short.hidden} if kind == "table" and short.hidden is not None else None,
    }


def _thresholds(written: dict[str, str], path: Path) -> dict[str, Any]:
    steps: list[tuple[float, str]] = []
    for key, color in written.items():
        if key == BASE:
            continue
        bound = as_number(key)
        if bound is None:
            raise Mistake((*path, "thresholds", key), f"thresholds.{key}: expected a number, or `{BASE}`")
        steps.append((bound, color))
    found = [{"from_value": bound, "color": color} for bound, color in sorted(steps)]
    return {"mode": "absolute", "steps": [{"from_value": None, "color": written.get(BASE, "green")}, *found]}


def _mapping(key: str, shown: str | ShortMapping) -> dict[str, Any]:
    result = {"text": shown, "color": None} if isinstance(shown, str) else {"text": shown.text, "color": shown.color}
    low, dots, high = key.partition("..")
    if key in _SPECIAL:
        return {"kind": "special", "match": key, **result}
    if dots and (as_number(low) is not None or as_number(high) is not None):
        return {"kind": "range", "from_value": as_number(low), "to_value": as_number(high), **result}
    return {"kind": "value", "match": key, **result}
