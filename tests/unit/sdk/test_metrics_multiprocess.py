"""Real processes that share a directory: what one of them exposes is the sum over all."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import prometheus_client.values
import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from midwatch.sdk import multiprocess
from midwatch.sdk.multiprocess import GONE_FILE, GONE_MAX
from midwatch.sdk.problems import Problems
from midwatch.sdk.values_lock import lock_of
from tests.eventually import eventually

PROGRAM = """
import json, os, sys
import midwatch
from midwatch.sdk.exposition import families
from midwatch.sdk.setup import PROCESSES

hits = midwatch.counter("hits_total", "", ("a",))
took = midwatch.histogram("took_seconds", "", (), (1, 2))
gauges = {
    mode: midwatch.gauge(f"gauge_{mode}", multiprocess_mode=mode)
    for mode in ("livesum", "livemax", "livemin", "livemostrecent", "liveall", "sum", "max", "min", "mostrecent", "all")
}

def values():
    return {s.name + json.dumps(s.labels, sort_keys=True): s.value for f in families() for s in f.samples}

def forked(code):
    child = os.fork()
    if child == 0:
        exec(code, globals())
        os._exit(0)
    os.waitpid(child, 0)

for line in sys.stdin:
    try:
        answer = eval(line)
    except SyntaxError:
        answer = exec(line)
    sys.stdout.write(json.dumps(answer) + "\\n")
    sys.stdout.flush()
"""


class Worker:
    def __init__(self, directory: Path, *, before: str = "") -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-c", before + PROGRAM],
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self.popen.pid

    def do(self, code: str) -> Any:
        assert self.popen.stdin
        assert self.popen.stdout
        self.popen.stdin.write(code + "\n")
        self.popen.stdin.flush()
        return json.loads(self.popen.stdout.readline())

    def values(self) -> dict[str, float]:
        return dict(self.do("values()"))

    def end(self, number: int = signal.SIGKILL) -> None:
        self.popen.send_signal(number)
        self.popen.wait()


Start = Callable[..., Worker]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "shared"


@pytest.fixture
def start(directory: Path) -> Iterator[Start]:
    started: list[Worker] = []

    def begin(**more: Any) -> Worker:
        started.append(Worker(directory, **more))
        return started[-1]

    yield begin
    for one in started:
        one.popen.kill()
        one.popen.wait()


def test_any_process_tells_the_sum_over_all(start: Start) -> None:
    """Counters and histograms are added up; a gauge is what its mode says."""
    first, second = start(), start()
    for worker, number in ((first, 1), (second, 3)):
        worker.do(f'hits.inc({number}, a="x")')
        worker.do(f"took.record({number})")
        worker.do(f"[one.set({number}) for one in gauges.values()] and None")
    expected = {
        'hits_total{"a": "x"}': 4.0,
        'took_seconds_bucket{"le": "1.0"}': 1.0,
        'took_seconds_bucket{"le": "2.0"}': 1.0,
        'took_seconds_bucket{"le": "+Inf"}': 2.0,
        "took_seconds_count{}": 2.0,
        "took_seconds_sum{}": 4.0,
        "gauge_livesum{}": 4.0,
        "gauge_livemax{}": 3.0,
        "gauge_livemin{}": 1.0,
        "gauge_livemostrecent{}": 3.0,
        "gauge_sum{}": 4.0,
        "gauge_max{}": 3.0,
        "gauge_min{}": 1.0,
        "gauge_mostrecent{}": 3.0,
    }
    for mode in ("all", "liveall"):
        expected |= {f'gauge_{mode}{{"pid": "{one.pid}"}}': n for one, n in ((first, 1.0), (second, 3.0))}
    for worker in (first, second):
        found = worker.values()
        assert {name: found.get(name) for name in expected} == expected


def test_of_a_killed_process_the_counts_stay_and_the_gauges_go(start: Start, directory: Path) -> None:
    """Without a hook of any server's: who has gone is noticed when metrics are read, and leaves one file behind."""
    first, second = start(), start()
    for worker, number in ((first, 1), (second, 3)):
        worker.do(f'hits.inc({number}, a="x")')
        worker.do(f"took.record({number})")
        worker.do(f"[one.set({number}) for one in gauges.values()] and None")
    second.end(signal.SIGKILL)
    for _ in range(2):
        found = first.values()
        assert found['hits_total{"a": "x"}'] == 4.0
        assert (found["took_seconds_count{}"], found["took_seconds_sum{}"]) == (2.0, 4.0)
        live = {name: found[f"gauge_{name}{{}}"] for name in ("livesum", "livemax", "livemin", "livemostrecent")}
        assert live == dict.fromkeys(live, 1.0)
        kept = {name: found[f"gauge_{name}{{}}"] for name in ("sum", "max", "min", "mostrecent")}
        assert kept == {"sum": 4.0, "max": 3.0, "min": 1.0, "mostrecent": 3.0}
        assert f'gauge_liveall{{"pid": "{second.pid}"}}' not in found
        assert found[f'gauge_all{{"pid": "{second.pid}"}}'] == 3.0
    left = {path.name for path in directory.iterdir() if str(second.pid) in path.name}
    assert left == {f"gauge_all_{second.pid}.db"}


def test_what_was_left_by_a_process_of_the_same_number_is_not_gone_on_with(start: Start, directory: Path) -> None:
    """After a restart in a container numbers come again: the sum stays true, and what this process sends is its own."""
    first = start()
    first.do('hits.inc(5, a="x")')
    first.end()
    left = directory / f"counter_{first.pid}.db"
    again = (
        f"import os; left = {str(left)!r}; os.register_at_fork(after_in_child=lambda: os.path.exists(left) and "
        f"os.rename(left, os.path.dirname(left) + f'/counter_{{os.getpid()}}.db'))\n"
    )
    second = start(before=again)
    second.do("from midwatch.sdk.setup import METRICS")
    second.do("reading, writing = os.pipe()")
    child = """
hits.inc(2, a="x")
own = [sample.value for family in METRICS.collect() for sample in family.samples if sample.name == "hits_total"]
os.write(writing, json.dumps([own, values()['hits_total{"a": "x"}']]).encode())
"""
    second.do(f"forked({child!r})")
    assert second.do("json.loads(os.read(reading, 9999))") == [[2.0], 7.0]
    assert second.values()['hits_total{"a": "x"}'] == 7.0


def test_one_who_is_killed_while_gathering_counts_nothing_twice(start: Start, directory: Path) -> None:
    """The file that holds the counts of those who have gone says which files are in it."""
    first, second = start(), start()
    second.do('hits.inc(3, a="x")')
    second.end()
    file = directory / f"counter_{second.pid}.db"
    kept, known = file.read_bytes(), file.stat()
    assert first.values()['hits_total{"a": "x"}'] == 3.0
    assert not file.exists()
    # As it is where the end came between the two.
    file.write_bytes(kept)
    os.utime(file, ns=(known.st_atime_ns, known.st_mtime_ns))
    said = json.loads((directory / GONE_FILE).read_text())
    said["files"][file.name] = f"{file.stat().st_ino}:{file.stat().st_mtime_ns}"
    (directory / GONE_FILE).write_text(json.dumps(said))
    assert first.values()['hits_total{"a": "x"}'] == 3.0
    assert not file.exists()
    # A later process of the same number is another file.
    file.write_bytes(kept)
    assert first.values()['hits_total{"a": "x"}'] == 6.0


def test_forks_leave_no_files_behind_where_nobody_scrapes(start: Start, directory: Path) -> None:
    """Queues fork a process for each job: at most so many wait to be gathered, and all is counted."""
    parent = start()
    parent.do(f"""[forked('hits.inc(a="x")') for _ in range({GONE_MAX + 10})] and None""")
    assert len({path.name for path in directory.glob("counter_*.db")}) <= GONE_MAX + 2
    assert parent.values()['hits_total{"a": "x"}'] == GONE_MAX + 10
    assert list(directory.glob("counter_*.db")) == []


def test_a_fork_while_a_thread_counts_leaves_no_lock_behind(start: Start) -> None:
    """Threads that count without end, and children that count and end: none of them hangs."""
    parent = start()
    parent.do("import threading; ended = threading.Event()")
    count = "def count():\n    while not ended.is_set():\n        hits.inc(a='x')"
    parent.do(f"exec({count!r}, globals())")
    parent.do("[threading.Thread(target=count, daemon=True).start() for _ in range(2)] and None")
    child = "hits.inc(a='y')"
    parent.do(f"[forked({child!r}) for _ in range(20)] and None")
    parent.do("ended.set()")
    assert parent.values()['hits_total{"a": "y"}'] == 20


def test_the_lock_of_all_values_is_known() -> None:
    """It is within `prometheus_client`: where that changes, forks are as unsafe as it makes them."""
    assert lock_of(prometheus_client.values.MultiProcessValue()) is not None


def test_of_those_who_have_gone_so_many_values_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit all are; beyond it those that are known go on, new ones are left out and counted."""
    monkeypatch.setattr(multiprocess, "GONE_VALUES_MAX", 2)
    problems = Problems()

    def gone(process: int, *labels: str) -> None:
        values = MmapedDict(str(tmp_path / f"counter_{process}.db"))
        for label in labels:
            values.write_value(mmap_key("hits", "hits_total", ["a"], [label], ""), 1.0, 0.0)
        values.close()

    def told() -> dict[str, float]:
        return {one.labels["a"]: one.value for family in processes.collect() for one in family.samples}

    processes = multiprocess.Processes(tmp_path, problems)
    gone(99999991, "x", "y")
    assert (told(), problems.counts()) == ({"x": 1.0, "y": 1.0}, {})
    gone(99999992, "y", "z")
    assert told() == {"x": 1.0, "y": 2.0}
    assert problems.counts() == {("label sets", "of those who have gone"): 1}


def test_nothing_private_is_in_the_files(start: Start, directory: Path) -> None:
    """They are on disk: the values of labels are cleaned before they are written."""
    worker = start()
    worker.do('hits.inc(a="anna@example.com")')
    assert sum(value for name, value in worker.values().items() if name.startswith("hits_total")) == 1
    assert [path.name for path in directory.iterdir() if b"anna" in path.read_bytes()] == []


def test_a_damaged_file_costs_what_is_in_it_and_nothing_else(start: Start, directory: Path) -> None:
    """Cut off, empty, or no file of metrics at all."""
    worker = start()
    worker.do('hits.inc(2, a="x")')
    (directory / "counter_999999.db").write_bytes(b"\xff\xff\xff\x7f" + b"\xff" * 60)
    (directory / "histogram_999999.db").write_bytes(b"")
    (directory / "gauge_unknown_999999.db").write_bytes(b"\x00" * 100)
    (directory / "counter_of_others.db").write_bytes(b"")
    (directory / GONE_FILE).write_text("{")
    assert worker.values()['hits_total{"a": "x"}'] == 2.0


def test_a_directory_that_cannot_be_is_said_and_each_goes_alone(tmp_path: Path) -> None:
    """The app starts, and its metrics are its own."""
    (tmp_path / "file").write_text("")
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "file" / "below")},
        input='hits.inc(a="x")\nvalues()\n',
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout.splitlines()[1])['hits_total{"a": "x"}'] == 1.0
    assert "PROMETHEUS_MULTIPROC_DIR='" in told.stderr
    assert "cannot be used: Not a directory" in told.stderr


def test_a_variable_that_comes_late_is_still_heeded(start: Start) -> None:
    """`prometheus_client` looks at it once, when it is imported; a server's configuration may be read after that."""
    late = (
        "import os; where = os.environ.pop('PROMETHEUS_MULTIPROC_DIR'); import prometheus_client; "
        "os.environ['PROMETHEUS_MULTIPROC_DIR'] = where\n"
    )
    first, second = start(before=late), start()
    first.do('hits.inc(2, a="x")')
    assert second.values()['hits_total{"a": "x"}'] == 2.0


def test_what_others_processes_are_asked_for_is_kept_fresh(start: Start) -> None:
    """A gauge that is asked, and what the SDK has lost: written every few seconds by who has it."""
    first, second = start(), start()
    for worker in (first, second):
        worker.do("import midwatch.sdk.refresh; midwatch.sdk.refresh.SECONDS")
    first.do("midwatch.sdk.refresh.Refresh.__init__.__defaults__")
    first.do("midwatch.sdk.refresh.Refresh.__init__.__defaults__ = (0.05,)")
    first.do("midwatch.init(service='a', log_level='critical')")
    first.do("midwatch.gauge('asked').watch(lambda: 5)")
    first.do("from midwatch.sdk.problems import PROBLEMS; PROBLEMS.dropped('spans', 'queue_full', 4)")

    def told() -> dict[str, float] | None:
        found = second.values()
        return found if found.get("asked{}") == 5.0 and found.get("process_threads{}", 0) else None

    found = eventually(told)
    lost = 'midwatch_sdk_dropped_total{"reason": "queue_full", "what": "spans"}'
    assert eventually(lambda: second.values().get(lost)) == 4.0
    assert found["process_resident_memory_bytes{}"] > 0
