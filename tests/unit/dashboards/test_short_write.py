"""Boards written in our short form say what they said, and what that form cannot say is told."""

import pytest

from midwatch.server.dashboards.builtins import built_in_boards
from midwatch.server.dashboards.short.read import read_short
from midwatch.server.dashboards.short.write import short_text
from midwatch.server.schemas.dashboards.board import Dashboard

BOARDS = built_in_boards()


@pytest.mark.parametrize("uid", sorted(BOARDS))
def test_what_is_written_is_read_back(uid: str) -> None:
    """Our own boards come back as they were, panel by panel; nothing of them is left out."""
    board = BOARDS[uid].dashboard
    text = short_text(board)
    again = read_short(f"{uid}.yml", text)
    assert [one.message for one in again.problems if one.severity == "error"] == []
    assert again.dashboard is not None
    assert "Not in this form" not in text
    assert again.dashboard.model_dump() == board.model_dump()


def test_what_has_no_word_is_told() -> None:
    """In comments at the top, by panel; the rest is a file that can be read."""
    board = Dashboard.model_validate(
        {
            "uid": "other",
            "title": "Other",
            "rows": [
                {
                    "panels": [
                        {
                            "id": 1,
                            "title": "Map",
                            "options": {"kind": "refused", "type": "geomap", "reason": "no maps"},
                        },
                        {
                            "id": 2,
                            "title": "Drawn",
                            "options": {"kind": "timeseries"},
                            "queries": [{"ref": "A", "language": "promql", "text": "up"}],
                            "fields": {"defaults": {"drawing": {"line_width": 3}, "thresholds": {"steps": []}}},
                        },
                    ]
                }
            ],
        }
    )
    text = short_text(board)
    assert "# Not in this form: panel 'Map', which is of another product: geomap\n" in text
    assert "# Not in this form: of panel 'Drawn': drawing.line_width\n" in text
    again = read_short("other.yml", text)
    assert again.dashboard is not None
    assert [one.title for one in again.dashboard.panels] == ["Drawn"]
