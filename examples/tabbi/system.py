"""Tabbi: coding agents in sandboxes, one for each session.

`web/` (a React page), `edge/` (a Worker with a Durable Object for each session), `sandbox/` (FastAPI: sandboxes),
`agent/` (FastAPI: what answers in a sandbox). Convex, GitHub and the machines are of the outside world.
"""

from pathlib import Path

from examples.running.declared import Process, System, behaving, killed

OURS = {
    "ENVIRONMENT": "production",
    "LOG_FORMAT": "json",
    "MIDWATCH_RELEASE": "1.4.0",
    "OTEL_METRIC_EXPORT_INTERVAL": "2000",
}
"""Metrics go far more often than by default, so that a newcomer sees the page move."""
UVICORN = ("--host", "127.0.0.1", "--port", "{port}", "--log-level", "warning", "--no-access-log")

SYSTEM = System(
    name="tabbi",
    title="Tabbi, coding agents in sandboxes",
    folder=Path(__file__).parent,
    processes=(
        Process(
            "opencode",
            ("{python}", "-m", "uvicorn", "agent.main:app", *UVICORN),
            port=8182,
            environment=OURS,
            ready="/health",
        ),
        Process(
            "modal",
            ("{python}", "-m", "uvicorn", "sandbox.main:app", *UVICORN),
            port=8181,
            environment=OURS,
            ready="/health",
        ),
    ),
    secrets={
        "rollback-hook": "{outside_url}/webhook/rollback",
        "tickets": "{outside_url}/webhook/tickets",
        "opsgenie": "0123abcd-0000-0000-0000-stands4akey0",
        "slack": "{outside_url}/services/T000/B000/tabbi",
        "pagerduty": "0123456789abcdef0123456789abcdef",
    },
    faults={
        "sandbox_boot_slow": behaving(
            "sandboxes", "boot_slow", "Machines take 65 s to boot: sandboxes come late.", seconds=65
        ),
        "sandbox_fails": behaving("sandboxes", "error", "The machines' provider answers 503: no sandbox starts."),
        "github_limited": behaving("github", "rate_limited", "GitHub's rate limit is used up: nothing can be cloned."),
        "agent_killed": killed("opencode", "The agents are gone: sandboxes fail their health checks."),
    },
)
