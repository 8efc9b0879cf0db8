"""Find a Prometheus for the tests that let one scrape, and print its path.

Where none is found, Debian's package is fetched with apt into `.make/prometheus`, by any user, and only its program is
kept: nothing is installed and no service is started. Without one those tests are skipped, and this says so; where CI
is set (`CI=true`) that is a failure.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.find_browser import must_be_found

VARIABLE = "MIDWATCH_TEST_PROMETHEUS"
OURS = Path(__file__).resolve().parents[1] / ".make" / "prometheus" / "prometheus"
_SECONDS_MAX = 300


def find_prometheus() -> str | None:
    wanted = os.environ.get(VARIABLE)
    if wanted:
        return shutil.which(wanted)
    return shutil.which("prometheus") or (str(OURS) if os.access(OURS, os.X_OK) else None)


def fetch_prometheus() -> None:
    """Debian's program, when apt is here and reaches its archive; with lists of its own, which any user may write."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return
    print("fetching Debian's prometheus for the tests that let one scrape", flush=True)
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        for folder in ("lists/partial", "cache/archives/partial", "unpacked"):
            (base / folder).mkdir(parents=True)
        # apt as root reads as another user.
        base.chmod(0o755)
        options = ["-qq", "-o", f"Dir::State::Lists={base}/lists", "-o", f"Dir::Cache={base}/cache"]
        options += ["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root"]
        for command in (["update"], ["download", "prometheus"]):
            if not _run(["apt-get", *options, *command], base):
                return
        for package in base.glob("prometheus_*.deb"):
            if _run(["dpkg-deb", "-x", str(package), str(base / "unpacked")], base):
                OURS.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(base / "unpacked" / "usr" / "bin" / "prometheus", OURS)


def _run(command: list[str], where: Path) -> bool:
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, timeout=_SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


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
