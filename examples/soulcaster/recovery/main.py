"""The recovery hook: what an alert says that a machine can mend is mended, and everything else is left to people.

Jobs that hang: as many sandboxes are killed as the alert says are stuck, those of the longest running jobs; the jobs
then end as failed, and can be replayed. An answer of 500 says that it could not be mended.
"""

import os
from typing import Any

import httpx
import jobs
from fastapi import FastAPI, HTTPException

import midwatch

midwatch.init(service="recovery", plan=os.environ.get("PLAN"))
midwatch.instrument(httpx)
log = midwatch.get_logger("recovery")
app = FastAPI(title="recovery")
midwatch.instrument(app)
midwatch.health(app)
client = jobs.connect()
MENDABLE = "JobTooLong"


@app.post("/recover")
def recover(message: dict[str, Any]) -> dict[str, Any]:
    """What Midwatch posts, in Alertmanager's shape."""
    stuck = [one for one in message["alerts"] if one["labels"]["alertname"] == MENDABLE and one["status"] == "firing"]
    count = sum(int(float(one["annotations"]["stuck"])) for one in stuck)
    found = jobs.longest_running(client, count) if count else []
    killed = [job_id for job_id in found if _kill(jobs.job(client, job_id).get("sandbox_id", ""))]
    log.info("recovery.done", asked=message["groupKey"], stuck=count, killed=len(killed))
    return {"killed": killed}


def _kill(sandbox_id: str) -> bool:
    try:
        httpx.delete(f"{os.environ['OUTSIDE_URL']}/sandboxes/sandboxes/{sandbox_id}", timeout=5).raise_for_status()
    except httpx.HTTPError as error:
        log.error("recovery.failed", sandbox_id=sandbox_id, reason=type(error).__name__)
        raise HTTPException(500, f"cannot kill sandbox {sandbox_id!r}: {error}") from None
    return True
