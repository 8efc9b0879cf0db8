"""What is counted of jobs and their steps."""

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Protocol

from midwatch.sdk import forks
from midwatch.sdk.guard import Guard
from midwatch.sdk.metrics import LABEL_SETS_MAX, Metrics
from midwatch.sdk.problems import PROBLEMS, Problems
from midwatch.sdk.setup import METRICS

JOB_BUCKETS = (0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
STEP_BUCKETS = (0.05, 0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600)
"""Seconds."""
ACTIVE = "active"


class Run(Protocol):
    name: str
    attempt: int
    started: float

    @property
    def fields(self) -> Mapping[str, Any]: ...


class JobMetrics:
    """Any thread may use it."""

    def __init__(self, metrics: Metrics, problems: Problems) -> None:
        by_status = ("job", "status")
        self._durations = metrics.histogram("job_duration_seconds", "Duration of jobs", by_status, JOB_BUCKETS)
        self._waits = metrics.histogram("job_wait_seconds", "From pending to started", ("job",), JOB_BUCKETS)
        self._leads = metrics.histogram("job_lead_seconds", "From pending to done", by_status, JOB_BUCKETS)
        self._jobs = metrics.counter("jobs_total", "Jobs that have ended", by_status)
        self._by_status = metrics.gauge("jobs_by_status", "Jobs: active now, ended since the process began", by_status)
        self._retries = metrics.counter("job_retries_total", "Runs that were not the first", ("job",))
        self._recoveries = metrics.counter("job_recoveries_total", "Retries that succeeded", ("job",))
        self._overdue = metrics.gauge("jobs_overdue", "Jobs that run longer than they should", ("job",))
        self._oldest = metrics.gauge(
            "job_oldest_seconds", "How long the oldest job that runs has been at it", ("job",), mode="livemax"
        )
        self._depth = metrics.gauge("job_queue_depth", "Jobs that wait", ("queue",), mode="livemostrecent")
        self._steps = metrics.histogram(
            "pipeline_step_duration_seconds", "Duration of steps", ("step", "status"), STEP_BUCKETS
        )
        self._guard = Guard("measurements", problems)
        self._active: dict[str, dict[int, float]] = {}
        self._begin()
        forks.in_child(self._begin)

    def _begin(self) -> None:
        """Also in the child of a fork: what runs is the parent's, and its lock may be held for ever."""
        self._lock = threading.RLock()
        for runs in self._active.values():
            runs.clear()

    def started(self, run: Run) -> None:
        with self._lock:
            runs = self._active.get(run.name)
            if runs is None and len(self._active) < LABEL_SETS_MAX:
                runs = self._active[run.name] = {}
                self._oldest.watch(lambda: self._oldest_of(run.name), job=run.name)
            if runs is not None:
                runs[id(run)] = run.started
        self._by_status.add(1, job=run.name, status=ACTIVE)
        if run.attempt > 1:
            self._retries.add(job=run.name)

    def waited(self, job: str, seconds: float) -> None:
        self._waits.record(seconds, job=job)

    def ended(self, run: Run, status: str, seconds: float, lead_seconds: float | None) -> None:
        with self._lock:
            self._active.get(run.name, {}).pop(id(run), None)
        self._by_status.add(-1, job=run.name, status=ACTIVE)
        self._by_status.add(1, job=run.name, status=status)
        # With the labels that the app has declared: its own are among the job's fields.
        told = {**run.fields, "job": run.name, "status": status}
        self._jobs.of(told).inc()
        self._durations.of(told).observe(seconds)
        if lead_seconds is not None:
            self._leads.of(told).observe(lead_seconds)
        if run.attempt > 1 and status == "succeeded":
            self._recoveries.add(job=run.name)

    def overdue(self, job: str, more: int) -> None:
        self._overdue.add(more, job=job)

    def step_ended(self, step: str, status: str, seconds: float, fields: Mapping[str, Any]) -> None:
        self._steps.of({**fields, "step": step, "status": status}).observe(seconds)

    def queue_depth(self, queue: str, depth: float | Callable[[], float]) -> None:
        if not callable(depth):
            self._depth.set(depth, queue=queue)
            return

        def ask() -> float:
            with self._guard:
                return float(depth())
            return float("nan")

        self._depth.watch(ask, queue=queue)

    def _oldest_of(self, job: str) -> float:
        with self._lock:
            started = min(self._active[job].values(), default=None)
        return 0.0 if started is None else monotonic() - started


JOB_METRICS = JobMetrics(METRICS, PROBLEMS)
