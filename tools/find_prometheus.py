"""Find a Prometheus for the tests that let one scrape, and print its path.

Where none is found, Debian's package is fetched with apt into `.make/prometheus`, by any user, and only its program is
kept: nothing is installed and no service is started. Without one those tests are skipped, and this says so; where CI
is set (`CI=true`) that is a failure.
"""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.debian_program import fetch_program
from tools.find_browser import must_be_found

VARIABLE = "MIDWATCH_TEST_PROMETHEUS"
OURS = Path(__file__).resolve().parents[1] / ".make" / "prometheus" / "prometheus"


def find_prometheus() -> str | None:
    wanted = os.environ.get(VARIABLE)
    if wanted:
        return shutil.which(wanted)
    return shutil.which("prometheus") or (str(OURS) if os.access(OURS, os.X_OK) else None)


def fetch_prometheus() -> None:
    print("fetching Debian's prometheus for the tests that let one scrape", flush=True)
    fetch_program("prometheus", OURS)


def main() -> int:
    if find_prometheus() is None and not os.environ.get(VARIABLE):
        fetch_prometheus()
    found = find_prometheus()
    if found:
        print(f"prometheus: {found}")
        return 0
    if must_be_found():
        print(f"prometheus: none found, and CI is set: install Prometheus or name one in {VARIABLE}")
        return 1
    print("prometheus: none found; tests that let one scrape will be skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
