"""Boards written by hand for these tests."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def board(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "boards" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def with_panel(**panel: Any) -> dict[str, Any]:
    """A board of one panel, which asks Prometheus."""
    target = {"refId": "A", "expr": "up", "datasource": {"type": "prometheus", "uid": "p"}}
    one = {"id": 1, "type": "timeseries", "title": "One", "targets": [target], **panel}
    return {"title": "Test", "uid": "test", "schemaVersion": 39, "panels": [one]}
