"""How a page's room is shared among groups."""

import pytest

from midwatch.server.alerting.overview import shares


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
