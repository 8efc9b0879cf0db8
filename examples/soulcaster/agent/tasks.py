"""The coding agent: plans a fix with a language model, makes it in a sandbox, and opens a pull request."""

import os
from typing import Any

import anthropic
import httpx
import jobs
import redis
from agent.failures import JobFailed, LinterError, PrCreationFailed
from agent.queue import FIX, app
from agent.sandbox import Sandbox, watch_usage

import midwatch

MODEL = "claude-haiku-4-5"
JOB_SECONDS_MAX = 900.0
CATEGORIES = ("PR creation failed", "Sandbox timeout", "Linter error", "other")

midwatch.init(service="agent", plan=os.environ.get("PLAN"))
for library in (app, httpx, redis, anthropic):
    midwatch.instrument(library)
client = jobs.connect()
midwatch.replay_store(redis=redis.Redis.from_url(os.environ["REDIS_URL"]))
model = anthropic.Anthropic(base_url=f"{os.environ['OUTSIDE_URL']}/llm", api_key="stands-for-a-key", max_retries=2)
github = httpx.Client(base_url=f"{os.environ['OUTSIDE_URL']}/github", timeout=10)
ended = midwatch.counter("agent_jobs_total", "Jobs that have ended", labels=("outcome", "category"))
for category in CATEGORIES:
    ended.inc(0, outcome="failed", category=category)
ended.inc(0, outcome="success")
watch_usage()


@midwatch.replayable(FIX, key=lambda job_id, *_: job_id)
@app.task(name=FIX)
def fix(job_id: str, repository: str, cluster: dict[str, Any]) -> str:
    """Fix what the cluster's feedback is about; the pull request's address."""
    queued_at = float(jobs.job(client, job_id)["created_at"])
    with midwatch.job("fix", job_id=job_id, queued_at=queued_at, overdue_seconds=JOB_SECONDS_MAX):
        jobs.move(client, job_id, jobs.RUNNING)
        try:
            page = _fixed(job_id, repository, cluster)
        except Exception as error:
            category = error.category if isinstance(error, JobFailed) else "other"
            jobs.move(client, job_id, jobs.FAILED, category=category)
            ended.inc(outcome="failed", category=category)
            raise
        jobs.move(client, job_id, jobs.SUCCESS, pull_request=page)
        ended.inc(outcome="success")
        return page


def _fixed(job_id: str, repository: str, cluster: dict[str, Any]) -> str:
    with midwatch.step("plan"):
        asked = f"Plan a fix in {repository} for what {cluster['items']} people say: {cluster['title']}"
        model.messages.create(model=MODEL, max_tokens=1000, messages=[{"role": "user", "content": asked}])
    with Sandbox() as sandbox:
        jobs.note(client, job_id, sandbox_id=sandbox.id)
        with midwatch.step("write"):
            sandbox.run(f"git clone {repository} && agent write")
        with midwatch.step("lint"):
            linted = sandbox.run("npm run lint")
            if linted["exitCode"]:
                raise LinterError(linted["stdout"].strip().splitlines()[-1].strip())
    with midwatch.step("open pull request"):
        return _pull_request(job_id, repository, cluster["title"])


def _pull_request(job_id: str, repository: str, title: str) -> str:
    asked = {"title": f"Fix: {title}", "head": f"fix/{job_id}", "base": "main"}
    answer = github.post(f"/repos/{repository}/pulls", json=asked)
    if answer.is_error:
        raise PrCreationFailed(f"GitHub answers {answer.status_code}: {answer.json().get('message', '')}")
    midwatch.event("pull_request.opened", entity=("job", job_id), job_id=job_id, number=answer.json()["number"])
    return str(answer.json()["html_url"])
