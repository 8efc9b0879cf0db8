"""Prometheus's own scripts over HTTP, against a server started for them: `make promql`.

The scripts and their runner lie beside the checkout; written by remote write, reset by `delete_series`.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import KEY, TOKEN, Server

SHARED = Path(__file__).parents[4] / "shared/promql"
CASES = 1263
"""What the runner runs of the scripts with `--native`; the others ask for what HTTP cannot load."""
_RESET = "/prometheus/api/v1/admin/tsdb/delete_series?match[]=%7B__name__%3D~%22.%2B%22%7D"


@dataclass(frozen=True)
class Outcome:
    passed: int
    failed: int
    failures: list[str]


def run(folder: Path, files: tuple[str, ...] = (), *, seconds: float) -> Outcome:
    """All scripts, or some by name."""
    server = Server(folder / "data", options=("--retention", "traces=0,logs=0,metrics=0")).start()
    try:
        reset = f"curl -s -f -g -X POST -H 'Authorization: Bearer {TOKEN}' '{server.url}{_RESET}'"
        headers = (f"Authorization: Bearer {TOKEN}", f"X-Midwatch-Key: {KEY}", "X-Midwatch-Wait: visible")
        command = [sys.executable, str(SHARED / "run.py"), "--testdata", str(SHARED / "testdata"), "--native"]
        command += ["--base-url", f"{server.url}/prometheus", "--reset-cmd", reset, "--out", str(folder / "out.json")]
        command += [part for header in headers for part in ("--header", header)]
        command += ["--files", *files] if files else []
        subprocess.run(command, cwd=folder, capture_output=True, timeout=seconds, check=False)
        found: dict[str, Any] = json.loads((folder / "out.json").read_text())
    finally:
        server.stop()
    failures = [f"{one['file']}:{one['line']} {one['expr']}\n    {one['got']}" for one in found["failures"]]
    return Outcome(found["summary"]["passed"], found["summary"]["failed"], failures)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), seconds=7200)
    print(*outcome.failures, sep="\n")
    print(f"{outcome.passed} of Prometheus's own cases passed over HTTP, {outcome.failed} failed")
    return 1 if outcome.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
