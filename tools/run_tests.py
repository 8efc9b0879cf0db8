"""The tests of every change side by side, and the few that fail among others once more by themselves.

`python tools/run_tests.py [pytest's options]`; with `thorough` before them, those that `make thorough` runs. Machines
are shared, and hundreds of servers start and end in a run: a test may fail for what its neighbours take. One that fails
alone, too, fails the run; one that does not is named, for somebody to mend.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LAST_FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
WORKER_BYTES = 3 << 29
"""What a worker takes with its server, and one of them with a browser."""
MEMORY_BYTES = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
WORKERS = max(2, min(2 * (os.cpu_count() or 1), MEMORY_BYTES // WORKER_BYTES, 6))
"""Two a core: what starts servers, and waits for rules, probes and heartbeats to come round, leaves it half idle."""
AGAIN_MAX = 10
"""More than this is no neighbour's fault."""
TESTS_FAILED = 1
"""pytest's exit code; any other says that the run itself went wrong."""
GROUP = re.compile(r"@[^\]@]+$")
"""What pytest-xdist adds to the name of a test of a group."""
APART = ("faults", "fuzz", "rows")
THOROUGH = "thorough"
UNKEPT = "PYTHONDONTWRITEBYTECODE"


def run(chosen: str, *options: str) -> int:
    command = [sys.executable, "-m", "pytest", "-m", chosen, *options]
    return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode


def environment() -> dict[str, str]:
    """Bytecode is kept, whatever a container's image says of it (git does not see it, `make clean` removes it).

    Else each worker compiles all tests anew, and each process all of our code: a minute of two cores.
    """
    return {name: value for name, value in os.environ.items() if name != UNKEPT}


def main(*options: str) -> int:
    wanted = THOROUGH if options[:1] == (THOROUGH,) else f"not {THOROUGH}"
    options = options[1:] if wanted == THOROUGH else options
    chosen = " and not ".join((wanted, *APART))
    LAST_FAILED.unlink(missing_ok=True)
    code = run(chosen, "-n", str(WORKERS), "--dist", "loadgroup", *options)
    failed = []
    if code == TESTS_FAILED and LAST_FAILED.is_file():
        failed = [GROUP.sub("", test) for test in json.loads(LAST_FAILED.read_text())]
    if not 0 < len(failed) <= AGAIN_MAX:
        return code
    print(f"\nfailed beside others, and run once more by themselves: {', '.join(failed)}\n", flush=True)
    return run(chosen, *failed, *(option for option in options if option.startswith("-")))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
