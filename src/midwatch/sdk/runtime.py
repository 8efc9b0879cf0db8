"""What this process takes: CPU, memory, files, threads, and the garbage collector's share.

Scraped under the names that `prometheus_client` has for them, pushed under OpenTelemetry's (`process.*`,
`cpython.gc.*`), and read only when metrics are.
"""

import gc
import os
import resource
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from midwatch.sdk import forks
from midwatch.sdk.gc_pauses import GcPauses
from midwatch.sdk.metric_names import Given
from midwatch.sdk.metrics import Counter, Metrics
from midwatch.sdk.mirror import Mirror
from midwatch.sdk.refresh import Refresh

_SENT_AS = {
    "process_cpu_seconds": Given("process.cpu.time", "s"),
    "process_resident_memory_bytes": Given("process.memory.usage", "By"),
    "process_virtual_memory_bytes": Given("process.memory.virtual", "By"),
    "process_open_fds": Given("process.open_file_descriptor.count", "{file_descriptor}"),
    "process_threads": Given("process.thread.count", "{thread}"),
    "process_uptime_seconds": Given("process.uptime", "s"),
    "python_gc_collections": Given("cpython.gc.collections", "{collection}", {"generation": "cpython.gc.generation"}),
    "python_gc_objects_collected": Given(
        "cpython.gc.collected_objects", "{object}", {"generation": "cpython.gc.generation"}
    ),
    "python_gc_objects_uncollectable": Given(
        "cpython.gc.uncollectable_objects", "{object}", {"generation": "cpython.gc.generation"}
    ),
}
"""OpenTelemetry's semantic conventions 1.44."""
_FILES = Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")


class Runtime:
    """Made once in a process."""

    def __init__(self, metrics: Metrics) -> None:
        generation = ("generation",)
        self._cpu = metrics.counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds")
        self._resident = metrics.gauge("process_resident_memory_bytes", "Resident memory size in bytes")
        self._virtual = metrics.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes")
        self._fds = metrics.gauge("process_open_fds", "Number of open file descriptors")
        self._max_fds = metrics.gauge("process_max_fds", "Maximum number of open file descriptors")
        self._threads = metrics.gauge("process_threads", "Number of threads")
        self._uptime = metrics.gauge("process_uptime_seconds", "How long the process has lived", mode="livemax")
        self._start = metrics.gauge(
            "process_start_time_seconds", "Start time of the process since unix epoch in seconds", mode="livemin"
        )
        self._collections = metrics.counter(
            "python_gc_collections_total", "Times a generation was collected", generation
        )
        self._collected = metrics.counter(
            "python_gc_objects_collected_total", "Objects collected during gc", generation
        )
        self._stuck = metrics.counter(
            "python_gc_objects_uncollectable_total", "Uncollectable objects found during gc", generation
        )
        self._paused = metrics.counter(
            "python_gc_pause_seconds_total", "How long gc has stopped the process", generation
        )
        self._longest = metrics.gauge(
            "python_gc_pause_max_seconds", "The longest stop of the last minute", generation, mode="livemax"
        )
        for name, given in _SENT_AS.items():
            metrics.send_as(name, given)
        self._told: dict[Any, float] = {}
        self._pauses = GcPauses()
        self._began = _process_start()
        metrics.before_reading(self.read)
        forks.in_child(self._forked)

    def read(self) -> None:
        self._grow(self._cpu, time.process_time())
        self._start.set(self._began)
        self._uptime.set(max(0.0, time.time() - self._began))
        self._max_fds.set(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        with suppress(OSError):
            self._fds.set(len(os.listdir(_FILES)))
        self._read_memory()
        for generation, counts in enumerate(gc.get_stats()):
            self._grow(self._collections, counts["collections"], generation=generation)
            self._grow(self._collected, counts["collected"], generation=generation)
            self._grow(self._stuck, counts["uncollectable"], generation=generation)
        for generation, (seconds, longest) in enumerate(self._pauses.read()):
            self._grow(self._paused, seconds, generation=generation)
            self._longest.set(longest, generation=generation)

    def _read_memory(self) -> None:
        try:
            # proc(5): the name in brackets may have any character; what counts stands behind it.
            fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            self._threads.set(threading.active_count())
            return
        self._threads.set(int(fields[17]))
        self._virtual.set(int(fields[20]))
        self._resident.set(int(fields[21]) * resource.getpagesize())

    def _grow(self, counter: Counter, total: float, **labels: Any) -> None:
        """By what has come since it was last read."""
        series = counter.labels(**labels)
        more = total - self._told.get(series, 0.0)
        if more > 0:
            self._told[series] = total
            series.inc(more)

    def _forked(self) -> None:
        """The child's own begin here; what the collector has done so far is the parent's to tell."""
        self._told.clear()
        self._began = time.time()
        self._pauses.begin()
        for generation, counts in enumerate(gc.get_stats()):
            self._told[self._collections.labels(generation=generation)] = counts["collections"]
            self._told[self._collected.labels(generation=generation)] = counts["collected"]
            self._told[self._stuck.labels(generation=generation)] = counts["uncollectable"]


def _process_start() -> float:
    with suppress(OSError, ValueError, AttributeError, IndexError):
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        since_boot = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + since_boot
    return time.time()


class _Begun:
    """Kept as long as the process lives."""

    runtime: Runtime | None = None
    refresh: Refresh | None = None


def begin(metrics: Metrics, *, shared: bool) -> None:
    """Again is no more. `shared`: other processes of the app expose what this one has measured."""
    if _Begun.runtime is not None:
        return
    _Begun.runtime = Runtime(metrics)
    if shared:
        metrics.before_reading(Mirror(metrics.registry).write)
        _Begun.refresh = Refresh(metrics.read)
