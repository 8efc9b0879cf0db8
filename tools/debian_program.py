"""Programs of a Debian package, by any user: nothing is installed and no service is started."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

_SECONDS_MAX = 300


def fetch_program(package: str, target: Path) -> bool:
    """`/usr/bin/<name of target>` of the package, when apt is here and reaches its archive."""
    return fetch_files(package, {f"usr/bin/{target.name}": target})


def fetch_files(package: str, wanted: Mapping[str, Path]) -> bool:
    """Files of the package, by their paths in it, when apt is here and reaches its archive.

    apt works with lists of its own, which any user may write.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return False
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        for folder in ("lists/partial", "cache/archives/partial", "unpacked"):
            (base / folder).mkdir(parents=True)
        # apt as root reads as another user.
        base.chmod(0o755)
        options = ["-qq", "-o", f"Dir::State::Lists={base}/lists", "-o", f"Dir::Cache={base}/cache"]
        options += ["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root"]
        for command in (["update"], ["download", package]):
            if not _run(["apt-get", *options, *command], base):
                return False
        for archive in base.glob(f"{package}_*.deb"):
            if _run(["dpkg-deb", "-x", str(archive), str(base / "unpacked")], base):
                for inner, target in wanted.items():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.move(base / "unpacked" / inner, target)
                return True
    return False


def _run(command: list[str], where: Path) -> bool:
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, timeout=_SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
