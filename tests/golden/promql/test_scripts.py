"""PromQL as scripts in Prometheus's own test language: ours, and where they are Prometheus's."""

import warnings
from pathlib import Path

import pytest

from .run import OPTIONS, run

_OWN = sorted((Path(__file__).parent / "scripts").glob("*.test"))
_THEIRS = Path(__file__).parents[4] / "shared/promql/testdata"
_THEIR_CASES = 1289
"""Evals in Prometheus's scripts as far as we have them."""
_FOUND = sorted(_THEIRS.glob("*.test"))


def _problems(path: Path) -> tuple[int, list[str]]:
    cases = list(run(path, OPTIONS))
    return len(cases), [
        f"{path.name}:{case.command.line} {case.command.query}\n    {case.problem}" for case in cases if case.problem
    ]


@pytest.mark.parametrize("path", _OWN, ids=lambda path: path.stem)
def test_own_scripts(path: Path) -> None:
    """Every eval of ours gives what the script says: as it stands, pinned with @, and inside a range query."""
    cases, problems = _problems(path)
    assert cases
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("path", _FOUND or [None], ids=lambda path: path.stem if path else "not-there")
def test_prometheus_scripts(path: Path | None) -> None:
    """Every eval of Prometheus's own suite, as far as it is beside the checkout; else the run says what is missing."""
    if path is None:
        warnings.warn(f"{_THEIR_CASES} of Prometheus's own cases were not run: no {_THEIRS}", stacklevel=1)
        return
    _, problems = _problems(path)
    assert not problems, "\n".join(problems)


def test_all_of_prometheus_cases_are_counted() -> None:
    """Where the scripts are, as many cases run as the run tells of where they are not."""
    if _FOUND:
        text = "\n".join(path.read_text(encoding="utf-8") for path in _FOUND)
        assert sum(line.strip().startswith("eval") for line in text.splitlines()) == _THEIR_CASES
