"""Plans of the examples as they are in force in tests: all times shorter."""

from pathlib import Path

import pytest
from examples.running.plans import hurry_plan, place_plan
from examples.running.running import ROOT, SYSTEMS

from midwatch.contract.plan import load, read_files


@pytest.mark.parametrize("times", [10, 60, 3600])
@pytest.mark.parametrize("name", SYSTEMS)
def test_a_hurried_plan_is_still_a_good_one(name: str, times: int, tmp_path: Path) -> None:
    """However much shorter: no time falls below what the plan takes."""
    plan = tmp_path / "plan"
    place_plan(ROOT / "examples" / name / "observability", plan, {}, {}, "http://127.0.0.1:9")
    hurry_plan(plan, times)
    assert load(read_files(plan)).errors == ()
