"""Processes that are forked for one job each: what they count is their parent's."""

import os
from collections.abc import Callable, Iterator

import pytest
from prometheus_client import CollectorRegistry

from midwatch.sdk import children
from midwatch.sdk.metrics import OTHER, Metrics
from midwatch.sdk.problems import Problems
from midwatch.sdk.sheets import Family, Sheet


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry(), Problems())


def values(metrics: Metrics) -> dict[str, float]:
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in metrics.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def job(metrics: Metrics, work: Callable[[], object], *, tells: bool = True) -> None:
    """As RQ's worker does one."""
    metrics.children.expect()
    child = os.fork()
    if not child:
        try:
            metrics.children.become_one(metrics.registry.collect)
            work()
            os._exit(0 if not tells or metrics.told_to_parent() else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    metrics.children.ended()


def test_counts_of_all_jobs_are_added_to_the_parents(metrics: Metrics) -> None:
    """Also of metrics that the parent has not made; each job begins at zero."""
    done = metrics.counter("done", labels=("kind",))
    done.inc(kind="a")
    for number in range(3):

        def work(number: int = number) -> None:
            done.inc(kind="a")
            metrics.counter("made_there").inc(2)
            metrics.histogram("took", buckets=(1, 2)).record(number)

        job(metrics, work)
    found = values(metrics)
    assert (found["done_total a"], found["made_there_total"]) == (4, 6)
    assert [found[f"took_bucket {bound}"] for bound in ("1.0", "2.0", "+Inf")] == [2, 3, 3]
    assert (found["took_count"], found["took_sum"]) == (3, 3)
    done.inc(kind="a")
    assert values(metrics)["done_total a"] == 5


def test_a_gauge_that_a_job_set_is_kept_until_the_parent_sets_it(metrics: Metrics) -> None:
    """What is set by reading alone goes with the job's process, and what goes up and down again was not set."""
    depth, memory, busy = (metrics.gauge(name) for name in ("depth", "memory", "busy"))
    metrics.before_reading(lambda: memory.set(os.getpid()))
    depth.set(3)

    def work() -> None:
        depth.set(7)
        busy.add(1)
        busy.add(-1)

    job(metrics, work)
    found = values(metrics)
    assert (found["depth"], found["memory"], found["busy"]) == (7, os.getpid(), 0)
    depth.set(4)
    assert values(metrics)["depth"] == 4


def test_what_was_told_before_a_job_was_killed_counts(metrics: Metrics) -> None:
    """It is seen while the job runs, and is not counted again when it has ended."""
    done = metrics.counter("done")

    def work() -> None:
        done.inc()
        metrics.told_to_parent()
        done.inc()

    job(metrics, work, tells=False)
    assert values(metrics)["done_total"] == 1


def test_a_process_of_a_job_is_an_instance_to_those_it_forks(metrics: Metrics) -> None:
    """They tell what they count by themselves, and so does any other fork."""

    def work() -> None:
        child = os.fork()
        if not child:
            os._exit(metrics.told_to_parent())
        assert os.waitpid(child, 0)[1] == 0

    job(metrics, work)
    child = os.fork()
    if not child:
        os._exit(metrics.told_to_parent())
    assert os.waitpid(child, 0)[1] == 0


def test_label_sets_of_all_jobs_are_bounded(metrics: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more than may be, the sum stays true."""
    monkeypatch.setattr(children, "LABEL_SETS_MAX", 2)
    done = metrics.counter("done", labels=("job",))
    for number in range(4):
        job(metrics, lambda number=number: done.inc(job=number))  # type: ignore[misc]
    assert values(metrics) == {"done_total 0": 1, "done_total 1": 1, f"done_total {OTHER}": 2}


@pytest.fixture
def sheet() -> Iterator[Sheet]:
    sheet = Sheet()
    yield sheet
    sheet.close()


def test_a_sheet_that_was_written_in_part_says_what_it_said(sheet: Sheet) -> None:
    """A child that is killed while it writes costs what it had to say, and nothing before."""
    assert sheet.read() == []
    first = [Family("done", "counter", "", "", None, {("done_total", (("a", "b"),)): 1.0})]
    sheet.write(first)
    assert sheet.read() == first
    os.pwrite(sheet._fd, b"x", 30)
    assert sheet.read() == first
