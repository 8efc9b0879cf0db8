"""How alerts stand, and how a page's room is shared among groups."""

from typing import Any

import pytest

from midwatch.server.alerting.marks import Mark, MarkKind, Marks
from midwatch.server.alerting.overview import shares, standing_of
from midwatch.server.alerting.view import AlertView
from midwatch.server.model.alert import Alert


@pytest.mark.parametrize(
    ("marks", "held", "standing"),
    [
        ([], {}, "open"),
        (["assigned"], {}, "open"),
        (["acknowledged"], {"muted_by": ("nights",)}, "acknowledged"),
        (["acknowledged", "snoozed"], {}, "snoozed"),
        (["snoozed"], {"inhibited_by": ("a",)}, "inhibited"),
        ([], {"silenced_by": ("s",), "inhibited_by": ("a",)}, "silenced"),
        ([], {"muted_by": ("nights",)}, "muted"),
    ],
)
def test_what_holds_an_alert_back_the_most_is_how_it_stands(
    marks: list[str], held: dict[str, Any], standing: str
) -> None:
    """Silenced before inhibited, then what people said of it, then muted."""
    alert = Alert({"alertname": "A"}, 0, 1)
    said = Marks(Mark(kind, MarkKind(kind), frozenset({alert.fingerprint}), "eve", 0) for kind in marks)
    assert standing_of(said, AlertView(alert, ("on-call",), **held)) == standing


@pytest.mark.parametrize(
    ("sizes", "each_max", "all_max", "expected"),
    [
        ([], 50, 100, []),
        ([3, 2], 50, 100, [3, 2]),
        ([80, 2], 50, 100, [50, 2]),
        ([80, 2, 80], 50, 22, [10, 2, 10]),
        ([9, 9, 9], 50, 2, [1, 1, 1]),
    ],
)
def test_small_groups_are_whole_and_large_ones_are_cut_alike(
    sizes: list[int], each_max: int, all_max: int, expected: list[int]
) -> None:
    """No group is left out."""
    assert shares(sizes, each_max, all_max) == expected
