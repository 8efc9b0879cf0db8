"""Tabbi: coding agents in sandboxes, one for each session.

`web/` (a React page), `edge/` (a Worker with a Durable Object for each session), `sandbox/` (FastAPI: sandboxes),
`agent/` (FastAPI: what answers in a sandbox), `front/` (TLS). Convex, GitHub and the machines are of the outside world.
"""

from pathlib import Path

from examples.running.declared import Process, System, asked, behaving, killed, paused

OURS = {
    "ENVIRONMENT": "production",
    "LOG_FORMAT": "json",
    "MIDWATCH_RELEASE": "1.4.0",
    "OTEL_METRIC_EXPORT_INTERVAL": "2000",
}
"""Metrics go far more often than by default, so that a newcomer sees the page move."""
UVICORN = ("--host", "127.0.0.1", "--port", "{port}", "--log-level", "warning", "--no-access-log")
DOWN = {"body": {"api_down": True}, "healed": {"api_down": False}}
SPIKE = {"body": {"error_share": 0.2}, "healed": {"error_share": 0}}
LATE = {"body": {"latency_ms": 2500}, "healed": {"latency_ms": 0}}
UNNAMED = {"body": {"unnamed_session": True}, "healed": {"unnamed_session": False}}
DROPS = {"body": {"socket_drops": True}, "healed": {"socket_drops": False}}
LOST = {"body": {"lost_alarms": True}, "healed": {"lost_alarms": False}}

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
        Process(
            "edge",
            ("{node}", "--import", "./instrument.mjs", "serve.mjs"),
            "edge",
            port=8180,
            ready="/health",
            environment={
                "ENVIRONMENT": "production",
                "MIDWATCH_RELEASE": "1.4.0",
                "AUTO_PAUSE_SECONDS": "60",
                "TOKEN_SECRET": "stands-for-a-secret",
                "FAULTS": "on",
            },
        ),
        Process("front", ("{python}", "main.py"), "front", port=8183),
        Process("traffic", ("{python}", "-m", "examples.tabbi.traffic"), "../..", traffic=True),
    ),
    history="examples.tabbi.history",
    packages=("edge", "web"),
    pages=("web",),
    places={
        "https://tabbi.example": "https://127.0.0.1:{front_port}",
        "http://api.tabbi.internal": "{edge_url}",
        "http://modal.tabbi.internal": "{modal_url}",
        "http://opencode.tabbi.internal": "{opencode_url}",
        "https://api.github.com": "{outside_url}/github",
    },
    secrets={
        "rollback-hook": "{outside_url}/webhook/rollback",
        "github": "stands-for-a-token",
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
        "database_gone": behaving("convex", "error", "Convex answers 503: no session is made or found."),
        "database_slow": behaving("convex", "slow", "Each call to Convex takes 700 ms.", seconds=0.7),
        "api_down": asked("edge", "/faults", "A deploy without its secret: requests that ask who one is fail.", **DOWN),
        "error_spike": asked("edge", "/faults", "A fifth of all requests fails with 500.", **SPIKE),
        "latency": asked("edge", "/faults", "Each request takes 2.5 s longer.", **LATE),
        "react_crash": asked("edge", "/faults", "A session without a repository crashes the page.", **UNNAMED),
        "socket_drops": asked("edge", "/faults", "WebSockets fail to connect, or are dropped at once.", **DROPS),
        "alarm_missed": asked("edge", "/faults", "Alarms of Durable Objects do not ring.", **LOST),
        "low_sessions": paused("traffic", "Nobody comes any more."),
        "agent_killed": killed("opencode", "The agents are gone: sandboxes fail their health checks."),
    },
)
