"""Find an Alertmanager and its amtool for the tests that put them beside ours, and print their paths.

Where they are not found, Debian's package is fetched with apt into `.make/alertmanager`, by any user: nothing is
installed and no service is started. Debian's Alertmanager looks for its templates where the package puts them, which
takes root; ours is made to look where it is started (`TEMPLATES`). Without them those tests are skipped, and this says
so; where CI is set (`CI=true`) that is a failure.
"""

import os
import re
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.debian_program import fetch_files
from tools.find_browser import must_be_found

VARIABLE = "MIDWATCH_TEST_ALERTMANAGER"
"""Names an Alertmanager; amtool lies beside it."""
OURS = Path(__file__).resolve().parents[1] / ".make" / "alertmanager"
NAMES = ("prometheus-alertmanager", "alertmanager")
"""As Debian and as its makers call it."""
TEMPLATES = OURS / "templates"
"""Where one that was fetched has to be started."""
_SHARE = "usr/share/prometheus/alertmanager"


def find_alertmanager() -> tuple[str, str] | None:
    """Alertmanager and amtool."""
    wanted = os.environ.get(VARIABLE)
    for name in (wanted,) if wanted else (*NAMES, str(OURS / NAMES[0])):
        found = shutil.which(name)
        amtool = found and (shutil.which("amtool", path=str(Path(found).parent)))
        if found and amtool:
            return found, amtool
    return None


def fetch_alertmanager() -> None:
    print("fetching Debian's prometheus-alertmanager for the tests that put it beside ours", flush=True)
    program = OURS / NAMES[0]
    wanted = {f"usr/bin/{name}": OURS / name for name in (NAMES[0], "amtool")}
    wanted |= {f"{_SHARE}/{name}": TEMPLATES / name for name in ("default.tmpl", "email.tmpl")}
    if fetch_files("prometheus-alertmanager", wanted):
        _look_where_it_is_started(program)


def _look_where_it_is_started(program: Path) -> None:
    """Go's strings have no end of their own: what stands instead of a path has to be as long."""
    there = f"/{_SHARE}".encode()
    here = b"." + b"/" * (len(there) - 1)
    content = program.read_bytes()
    # Longer paths in the program begin with it, too: of folders that are not needed.
    made = re.sub(re.escape(there) + b"(?!/)", here, content)
    assert len(made) == len(content)
    program.write_bytes(made)


def main() -> int:
    if find_alertmanager() is None and not os.environ.get(VARIABLE):
        fetch_alertmanager()
    found = find_alertmanager()
    if found:
        print(f"alertmanager: {found[0]}, {found[1]}")
        return 0
    if must_be_found():
        print(f"alertmanager: none found, and CI is set: install Alertmanager or name one in {VARIABLE}")
        return 1
    print("alertmanager: none found; tests that put one beside ours will be skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
