"""Find a VictoriaMetrics for the benchmarks that measure beside one, and print its path.

Where none is found, Debian's package is fetched with apt into `.make/victoria-metrics`, and only its program is kept.
Without one the benchmarks measure what there is, and this says so.
"""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.debian_program import fetch_program

VARIABLE = "MIDWATCH_BENCH_VICTORIA_METRICS"
OURS = Path(__file__).resolve().parents[1] / ".make" / "victoria-metrics" / "victoria-metrics"


def find_victoria_metrics() -> str | None:
    wanted = os.environ.get(VARIABLE)
    if wanted:
        return shutil.which(wanted)
    return shutil.which("victoria-metrics") or (str(OURS) if os.access(OURS, os.X_OK) else None)


def main() -> int:
    if find_victoria_metrics() is None and not os.environ.get(VARIABLE):
        print("fetching Debian's victoria-metrics for the benchmarks that measure beside one", flush=True)
        fetch_program("victoria-metrics", OURS)
    found = find_victoria_metrics()
    print(f"victoria-metrics: {found or 'none found; benchmarks will go without'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
