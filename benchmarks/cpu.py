"""Where CPU and memory go: of a server and its engine, from /proc."""

from collections import Counter
from pathlib import Path

import psutil

_TICKS_A_SECOND = 100
_NAMES = {"MergeMutate": "engine, merging", "ThreadPool": "engine, inserting and queries"}


def seconds(process: psutil.Process) -> Counter[str]:
    """CPU-seconds so far, of threads that still live, by part."""
    found: Counter[str] = Counter()
    for one in [process, *process.children(recursive=True)]:
        rest = "server" if one.pid == process.pid else "engine, inserting and queries"
        for thread in Path(f"/proc/{one.pid}/task").iterdir():
            try:
                text = (thread / "stat").read_text()
            except OSError:
                continue
            name = text[text.index("(") + 1 : text.rindex(")")]
            fields = text[text.rindex(")") + 2 :].split()
            found[_NAMES.get(name, rest)] += (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND
    return found


def resident_mb(process: psutil.Process) -> float:
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 1e6


def shares_mb(process: psutil.Process) -> str:
    """Of each process: resident, its proportional share of that, and what is its own and no file's."""
    found = []
    for one in [process, *process.children(recursive=True)]:
        rollup = Path(f"/proc/{one.pid}/smaps_rollup").read_text().splitlines()
        kilobytes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in rollup[1:])}
        resident, share, own = (kilobytes[name] * 1024 / 1e6 for name in ("Rss", "Pss", "Anonymous"))
        name = "server" if one.pid == process.pid else "engine"
        found.append(f"{name} {resident:.0f} (PSS {share:.0f}, own {own:.0f})")
    return ", ".join(found)


def by_process(process: psutil.Process) -> Counter[str]:
    """CPU-seconds so far, of threads that have ended too."""
    found: Counter[str] = Counter()
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        found["server" if one.pid == process.pid else "engine"] += times.user + times.system
    return found
