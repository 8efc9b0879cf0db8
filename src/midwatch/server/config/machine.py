"""How much memory this process may count on: the machine's, or the control group's where that is less."""

from pathlib import Path

MIB = 1 << 20
ENGINE_BYTES_MIN = 384 * MIB
"""The engine alone, connected, is 275 MiB resident (measured, 26.9)."""
ENGINE_BYTES_MAX = 4096 * MIB
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory_bytes(limits: tuple[str, ...] = _LIMITS, meminfo: str = "/proc/meminfo") -> int:
    """Bytes of memory; 2 GiB where neither source can be read."""
    found = []
    for limit in limits:
        text = _read(limit)
        if text.isdigit():
            found.append(int(text))
    lines = _read(meminfo).splitlines()
    found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal:")]
    return min(found, default=2048 * MIB)


def engine_memory_bytes() -> int:
    """Half of the memory, between bounds: the other half is the server's own, the page cache's and the neighbours'."""
    half = memory_bytes() // 2 // MIB * MIB
    return max(ENGINE_BYTES_MIN, min(half, ENGINE_BYTES_MAX))


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
