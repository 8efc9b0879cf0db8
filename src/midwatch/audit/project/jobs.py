"""Jobs that run, fail, or no longer run."""

from collections.abc import Iterator

from midwatch.audit.catalog import JOB_FAILURES_UNHEARD, UNMONITORED_JOB
from midwatch.audit.finding import NODE, PYTHON, Finding
from midwatch.audit.inventory import JOB, JOB_FAILURES, SCHEDULE
from midwatch.audit.libraries import ERRORS
from midwatch.audit.project.whole import NAMES, Whole, missing


def look(whole: Whole) -> Iterator[Finding]:
    for job in whole.of(SCHEDULE):
        if not job.covered:
            timer = job.name == "setInterval"
            yield missing(UNMONITORED_JOB, job, f"`{job.name}` tells no heartbeat", "low" if timer else None)
    for side in (PYTHON, NODE):
        jobs = whole.of(JOB, side)
        if jobs and not whole.of(JOB_FAILURES, side) and not whole.libraries(ERRORS, side):
            yield missing(
                JOB_FAILURES_UNHEARD, jobs[0], f"{len(jobs)} jobs in {NAMES[side]}, and nobody is told when one fails"
            )
