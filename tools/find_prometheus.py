"""Find a Prometheus and its promtool for the tests that put them beside ours, and print their paths.

Where none is found, Debian's package is fetched with apt into `.make/prometheus`, by any user, and only its program is
kept: nothing is installed and no service is started. Without one those tests are skipped, and this says so; where CI
is set (`CI=true`) that is a failure.
"""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.debian_program import fetch_files
from tools.find_browser import must_be_found

VARIABLE = "MIDWATCH_TEST_PROMETHEUS"
OURS = Path(__file__).resolve().parents[1] / ".make" / "prometheus" / "prometheus"


def find_prometheus() -> str | None:
    wanted = os.environ.get(VARIABLE)
    if wanted:
        return shutil.which(wanted)
    return shutil.which("prometheus") or (str(OURS) if os.access(OURS, os.X_OK) else None)


def find_promtool() -> str | None:
    """It lies beside its Prometheus."""
    prometheus = find_prometheus()
    return shutil.which("promtool", path=str(Path(prometheus).parent)) if prometheus else None


def fetch_prometheus() -> None:
    print("fetching Debian's prometheus for the tests that put it beside ours", flush=True)
    fetch_files("prometheus", {f"usr/bin/{name}": OURS.with_name(name) for name in ("prometheus", "promtool")})


def main() -> int:
    if find_promtool() is None and not os.environ.get(VARIABLE):
        fetch_prometheus()
    found, promtool = find_prometheus(), find_promtool()
    if found and promtool:
        print(f"prometheus: {found}, {promtool}")
        return 0
    if must_be_found():
        print(f"prometheus: none found, and CI is set: install Prometheus or name one in {VARIABLE}")
        return 1
    print("prometheus: none found; tests that put one beside ours will be skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
