"""Every row of the five teams' documents, driven through its example: which works, how long it took, and what was seen.

`python tools/rows.py [--only josh] [pytest's options]`: exits with 1 where a row fails or has no test.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

ROOT = Path(__file__).parents[1]
SYSTEMS = ROOT / "tests" / "systems"
ROW = re.compile(r"test_([a-z])(\d\d)_")
MISSING, WORKS, FAILS = "no test", "works", "fails"


def wanted(only: str) -> list[str]:
    """Ids of all rows, such as T01."""
    return [
        f"{system['letter']}{number:02}" for system in systems(only).values() for number in range(1, system["rows"] + 1)
    ]


def systems(only: str) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = yaml.safe_load((SYSTEMS / "rows.yml").read_text())
    return {name: system for name, system in told.items() if only in ("", name)}


def run(name: str, options: list[str]) -> dict[str, tuple[str, float, str]]:
    """By row of this system: how it stands, seconds, evidence. A machine runs one system at a time."""
    tests = sorted(SYSTEMS.glob(f"test_{name}*.py"))
    if not tests:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "rows.xml"
        junit = ("-o", "junit_family=xunit1", f"--junitxml={report}")  # which has properties
        command = [sys.executable, "-m", "pytest", "-m", "rows", *junit, *map(str, tests), *options]
        subprocess.run(command, cwd=ROOT, check=False)
        cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()
        return dict(row for case in cases if (row := read(case)) is not None)


def read(case: ElementTree.Element) -> tuple[str, tuple[str, float, str]] | None:
    found = ROW.match(case.get("name", ""))
    if not found:
        return None
    broken = any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
    seen = [prop.get("value", "") for prop in case.iter("property") if prop.get("name") == "evidence"]
    return f"{found[1].upper()}{found[2]}", (FAILS if broken else WORKS, float(case.get("time", 0)), "; ".join(seen))


def main(*arguments: str) -> int:
    options = list(arguments)
    only = ""
    if "--only" in options:
        place = options.index("--only")
        only = options[place + 1]
        del options[place : place + 2]
    seen = {row: state for name in systems(only) for row, state in run(name, options).items()}
    rows = {row: seen.get(row, (MISSING, 0.0, "")) for row in wanted(only)}
    print(f"\n{'row':<5}{'':<9}{'seconds':>8}  evidence")
    for row, (state, seconds, evidence) in rows.items():
        print(f"{row:<5}{state:<9}{seconds:>8.1f}  {evidence}")
    working = sum(state == WORKS for state, _, _ in rows.values())
    print(f"\n{working} of {len(rows)} rows work")
    return 0 if working == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
