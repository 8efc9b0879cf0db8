"""The table of cases that server and page are both held to."""

import json
from pathlib import Path
from typing import Any

import pytest

from midwatch.server.dashboards.interpolation import Chosen, interpolate, named_in
from midwatch.server.dashboards.intervals import built_in, duration

GOLDEN = Path(__file__).parents[2] / "golden/dashboards/interpolation.json"
TABLE: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
VARIABLES = {name: Chosen(**one) for name, one in TABLE["variables"].items()}


@pytest.mark.parametrize("case", TABLE["references"], ids=lambda case: f"{case['language']} {case['text']}")
def test_a_reference_stands_for_what_the_table_says(case: dict[str, str]) -> None:
    """Each way to write one, each format, by the language that it stands in."""
    assert interpolate(case["text"], VARIABLES, case["language"]) == case["expected"]  # type: ignore[arg-type]


@pytest.mark.parametrize("case", TABLE["intervals"], ids=lambda case: f"{case['range_ms']} ms at {case['points']}")
def test_steps_are_round_and_windows_hold_samples(case: dict[str, Any]) -> None:
    """`$__interval` by range and points; `$__rate_interval` is at least four scrapes."""
    found = built_in(0, case["range_ms"], points=case["points"], least_ms=case["least_ms"])
    assert found["__interval"].values == [case["interval"]]
    assert found["__rate_interval"].values == [case["rate_interval"]]


@pytest.mark.parametrize("case", TABLE["durations"], ids=lambda case: case["text"])
def test_durations_are_whole(case: dict[str, Any]) -> None:
    """PromQL's durations have no fractions."""
    assert duration(case["ms"]) == case["text"]


def test_names_are_found_once_in_order() -> None:
    """Of all three ways to write them."""
    assert named_in("$a ${b:csv} [[a]] ${c.text} $1") == ["a", "b", "c", "1"]
