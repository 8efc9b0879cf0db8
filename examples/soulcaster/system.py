"""Soulcaster: what people say on Reddit becomes clusters of feedback, and those become pull requests by an agent.

`backend/` (FastAPI), `poller/`, `agent/` (Celery on Redis), `recovery/` (the alerts' hook), and `dashboard/` (a React
page and its Node API).
"""

from pathlib import Path

from examples.running.declared import Fault, Process, Running, System, behaving, gone, killed, paused, slowed

OURS = {
    "ENVIRONMENT": "production",
    "LOG_FORMAT": "json",
    "MIDWATCH_RELEASE": "1.8.0",
    "OTEL_METRIC_EXPORT_INTERVAL": "2000",
    # Of an example that root starts.
    "PYTHONWARNINGS": "ignore:You're running the worker",
}
"""Metrics go far more often than by default, so that a newcomer sees the page move."""
CELERY = (
    "{python}",
    "-m",
    "celery",
    "--quiet",
    "-A",
    "agent.tasks",
    "worker",
    "--pool",
    "threads",
    "--concurrency",
    "4",
)
UVICORN = ("--host", "127.0.0.1", "--port", "{port}", "--log-level", "warning", "--no-access-log")
UNTITLED = {"items": [{"id": "untitled", "title": None, "text": "[removed]"}]}


async def _untitled(running: Running) -> None:
    await running.ask("backend", "POST", "/ingest/manual", UNTITLED)


async def _dismissed(running: Running) -> None:
    for cluster in await running.ask("backend", "GET", "/clusters"):
        if cluster["title"] is None:
            await running.ask("backend", "DELETE", f"/clusters/{cluster['id']}")


SYSTEM = System(
    name="soulcaster",
    title="Soulcaster",
    folder=Path(__file__).parent,
    redis=5,
    history="examples.soulcaster.history",
    processes=(
        Process(
            "backend",
            ("{python}", "-m", "uvicorn", "backend.main:app", *UVICORN),
            port=8150,
            environment=OURS,
            ready="/health",
        ),
        Process(
            "recovery",
            ("{python}", "-m", "uvicorn", "recovery.main:app", *UVICORN),
            port=8152,
            environment=OURS,
            ready="/health",
        ),
        Process("agent", (*CELERY, "--without-gossip", "--without-mingle", "--loglevel", "warning"), environment=OURS),
        Process("poller", ("{python}", "-m", "poller.main"), environment={**OURS, "POLL_SECONDS": "5"}),
        Process(
            "dashboard",
            ("{node}", "--import", "./instrument.mjs", "server.mjs"),
            "dashboard",
            port=8151,
            ready="/health",
            environment={
                "ENVIRONMENT": "production",
                "POSTHOG_KEY": "{midwatch_key}",
                "POSTHOG_HOST": "{midwatch_url}",
            },
        ),
        Process("traffic", ("{python}", "-m", "examples.soulcaster.traffic"), "../..", traffic=True),
    ),
    packages=("dashboard",),
    pages=("dashboard",),
    places={
        "https://api.soulcaster.example": "{backend_url}",
        "dashboard.soulcaster.example:3000": "127.0.0.1:{dashboard_port}",
    },
    secrets={
        "recovery-hook": "{recovery_url}/recover",
        "slack": "{outside_url}/services/T000/B000/soulcaster",
        "pagerduty": "0123456789abcdef0123456789abcdef",
    },
    faults={
        "backend_down": killed("backend", "The backend is gone; the dashboard's API answers 502."),
        "error_spike": behaving("vectors", "error", "The vector store fails, and /ingest answers 500."),
        "latency": behaving("vectors", "slow", "The vector store takes 3 s, and so does /ingest.", seconds=3),
        "redis_gone": gone("redis", "Redis cannot be reached: no jobs, no clusters."),
        "redis_slow": slowed("redis", 0.5, "Each command to Redis takes half a second longer."),
        "pr_creation_failed": behaving("github", "refused", "GitHub takes no pull request: every job fails."),
        "github_limited": behaving("github", "rate_limited", "GitHub's rate limit is used up: every job fails."),
        "linter_error": behaving("sandboxes", "lint_fails", "What the agent writes does not pass the linter."),
        "job_too_long": behaving("sandboxes", "hang", "Commands in sandboxes never end."),
        "sandboxes_full": behaving("sandboxes", "full", "No more sandboxes at once."),
        "sandbox_boot_slow": behaving("sandboxes", "slow", "Sandboxes answer 3 s late.", seconds=3),
        "quota_near": behaving("sandboxes", "quota", "85 of the month's 100 sandbox hours are used.", hours=85),
        "poller_stuck": paused("poller", "The poller hangs, and its heartbeat stays away."),
        "reddit_silent": behaving("reddit", "empty", "Nobody posts any more: nothing is ingested."),
        "reddit_limited": behaving("reddit", "rate_limited", "Reddit's rate limit is used up."),
        "react_crash": Fault("A post without a title crashes the dashboard's page.", _untitled, _dismissed),
        "recovery_fails": killed("recovery", "The recovery hook does not answer."),
        "pagerduty_down": behaving("told", "page_fails", "PagerDuty takes nothing."),
    },
)
