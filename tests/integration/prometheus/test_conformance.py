"""Some of Prometheus's own scripts over HTTP; all of them run by `make promql`."""

import warnings
from pathlib import Path

import pytest
from tests.integration.prometheus.conformance import CASES, SHARED, run

pytestmark = pytest.mark.thorough

_FILES = ("at_modifier", "literals")
"""Few blocks, and nearly all kinds of selectors: what is quick."""


@pytest.mark.timeout(120)
def test_some_of_prometheus_scripts(tmp_path: Path) -> None:
    """Written by remote write and asked by `query` and `query_range`; the run says how many cases it left out."""
    if not SHARED.exists():
        warnings.warn(f"{CASES} of Prometheus's own cases were not run over HTTP: no {SHARED}", stacklevel=1)
        return
    outcome = run(tmp_path, _FILES, seconds=100)
    assert outcome.failures == []
    assert outcome.passed == 62
    left = CASES - outcome.passed
    warnings.warn(f"{left} of Prometheus's own cases were not run over HTTP: `make promql` runs all", stacklevel=1)
