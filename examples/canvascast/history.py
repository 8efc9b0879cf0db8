"""What CanvasCast did in the days that lie behind: a product that grows, and an evening on which no image was made."""

import numpy as np
from examples.history import History, Step
from examples.history.history import Times
from examples.history.shape import DAY, busy_at
from opentelemetry.proto.trace.v1.trace_pb2 import Span

REQUEST_BUCKETS = (0.1, 0.5, 1, 2, 5, 10)
JOB_BUCKETS = (60, 120, 300, 600, 900)
STEP_BUCKETS = (5, 15, 30, 60, 120, 300)
REQUESTS = (
    ("POST", "/jobs", "202", 0.05),
    ("GET", "/jobs/:id", "200", 0.4),
    ("POST", "/signups", "201", 0.01),
    ("POST", "/subscriptions", "201", 0.001),
)
STEPS = {"script": 6.0, "voice": 9.0, "images": 40.0, "render": 70.0, "upload": 8.0}
COSTS = {"images": (3, 0.04), "voice.characters": (600, 0.000015), "render.seconds": (70, 0.0001)}
"""Units of what has a price, of one job; and the price of one."""
NICHES = {"travel": 0.4, "cooking": 0.3, "history": 0.2, "finance": 0.1}
JOBS_A_SECOND = 0.02
FAILED = 0.03
TOLD_DAYS = 7
OUTAGE_DAYS_AGO, OUTAGE_HOURS = 3, 3
NO_IMAGES = "the studio answers 503"


def write(history: History) -> None:
    _requests(history)
    _pipeline(history)
    _business(history)
    _jobs(history)


def _out(history: History, times: Times) -> Times:
    """1 while the image provider was down."""
    began = history.end - OUTAGE_DAYS_AGO * DAY
    return ((times >= began) & (times < began + OUTAGE_HOURS * 3600)).astype(float)


def _failing(history: History, times: Times) -> Times:
    """The share of jobs that fail."""
    return np.asarray(np.maximum(FAILED, _out(history, times)))


def _requests(history: History) -> None:
    for service, prefix in (("api", ""), ("web", "/api")):
        for method, route, status, rate in REQUESTS:
            labels = {"method": method, "route": prefix + route, "status": status}
            history.counter(service, "http_requests_total", lambda at, rate=rate: rate * busy_at(at), **labels)
            history.histogram(
                *(service, "http_request_duration_seconds", lambda at, rate=rate: rate * busy_at(at)),
                *(REQUEST_BUCKETS, 0.08),
                **labels,
            )
        failed = {"method": "GET", "route": f"{prefix}/jobs/:id", "status": "500"}
        history.counter(service, "http_requests_total", lambda at: 0.0005 * busy_at(at), **failed)
        history.gauge(service, "http_active_connections", lambda at: np.round(6 * busy_at(at)))


def _pipeline(history: History) -> None:
    for niche, share in NICHES.items():
        for status in ("succeeded", "failed"):

            def rate(at: Times, share: float = share, status: str = status) -> Times:
                failing = _failing(history, at)
                part = failing if status == "failed" else 1 - failing
                return np.asarray(JOBS_A_SECOND * share * busy_at(at) * part)

            labels = {"job": "video", "niche": niche, "status": status}
            median = sum(STEPS.values()) if status == "succeeded" else 15.0
            history.histogram("worker", "job_duration_seconds", rate, JOB_BUCKETS, median, 0.3, **labels)
    for step, seconds in STEPS.items():
        history.histogram(
            *("worker", "pipeline_step_duration_seconds", lambda at: JOBS_A_SECOND * busy_at(at)),
            *(STEP_BUCKETS, seconds, 0.4),
            step=step,
            status="succeeded",
        )
    history.histogram(
        *("worker", "pipeline_step_duration_seconds", lambda at: JOBS_A_SECOND * busy_at(at) * _failing(history, at)),
        *(STEP_BUCKETS, 15.0, 0.3),
        step="images",
        status="failed",
    )
    for status, jobs in (("waiting", 3), ("active", 2), ("failed", 0)):
        history.gauge("worker", "jobs_by_status", lambda at, jobs=jobs: np.round(jobs * busy_at(at)), status=status)
    for kind, (units, price) in COSTS.items():
        history.costs("worker", kind, price, lambda at, units=units: JOBS_A_SECOND * units * busy_at(at))
    history.gauge("worker", "job_queue_depth", lambda at: np.round(8 * busy_at(at)), queue="videos")


def _business(history: History) -> None:
    for method, rate in (("email", 0.002), ("google", 0.001)):
        history.counter("api", "signups_total", lambda at, rate=rate: rate * busy_at(at), method=method)
    for type_, usd in (("purchase", 0.02), ("subscription", 0.01)):
        history.counter("api", "revenue_usd_total", lambda at, usd=usd: usd * busy_at(at), type=type_)
    history.counter("worker", "credits_used_total", lambda at: 5 * JOBS_A_SECOND * busy_at(at))
    history.gauge("api", "active_subscriptions", lambda at: np.round(200 + (at - history.start) / DAY * 3))


def _jobs(history: History) -> None:
    """Single videos of the last week: their traces and lines; some get no images."""
    since = history.end - TOLD_DAYS * DAY
    moments = history.moments(lambda times: JOBS_A_SECOND / 4 * busy_at(times) * (times > since))
    for number, (at, failing) in enumerate(zip(moments, _failing(history, moments), strict=True)):
        job, user = f"past-{number}", f"user-{number % 300}"
        failed = history.random.random() < failing
        after, steps = 0.2, []
        for step, seconds in STEPS.items():
            took = float(seconds * history.random.lognormal(0, 0.3))
            broke = failed and step == "images"
            error = NO_IMAGES if broke else ""
            steps.append(Step(f"step {step}", "worker", after, took, attributes={"step.name": step}, error=error))
            after += took
            if broke:
                break
        about = {"job.name": "video", "job.id": job, "job.status": "failed" if failed else "succeeded"}
        video = Step("job video", "worker", 0.1, after, Span.SPAN_KIND_CONSUMER, about, children=tuple(steps))
        ordered = Step("POST /jobs", "api", 0, 0.08, Span.SPAN_KIND_SERVER, children=(video,))
        trace_id = history.trace(float(at), ordered)
        history.line(float(at), "api", "info", "Job queued", trace_id, event="job.queued", userId=user, jobId=job)
        level, ended = ("error", "job failed") if failed else ("info", "job completed")
        history.line(float(at + after), "worker", level, ended, trace_id, job="video", job_id=job)
