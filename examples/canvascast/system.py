"""CanvasCast: a prompt becomes a video. A web front in Python, an API in Node.js, a pipeline worker in Python."""

from pathlib import Path

from examples.running.declared import Process, System, behaving, gone, killed, paused, slowed

UVICORN = ("-m", "uvicorn", "main:app", "--host", "127.0.0.1", "--log-level", "warning", "--no-access-log", "--port")
OURS = {"NODE_ENV": "production", "ENVIRONMENT": "production", "LOG_LEVEL": "info", "MIDWATCH_RELEASE": "1.0.0"}
OFTEN = {"OTEL_METRIC_EXPORT_INTERVAL": "2000"}
"""Far more often than by default, so that a newcomer sees the page move."""

SYSTEM = System(
    name="canvascast",
    title="CanvasCast, prompts become videos",
    folder=Path(__file__).parent,
    postgresql=True,
    redis=9,
    packages=("api",),
    prepare=(("{node}", "api/tables.mjs"),),
    processes=(
        Process(
            "api",
            ("{node}", "--import", "./instrument.mjs", "server.mjs"),
            folder="api",
            port=8170,
            ready="/health",
            # Of all requests: the document's share is 0.1, which Midwatch has no need of.
            environment={**OURS, "SERVICE_NAME": "api", "TRACES_SAMPLE_RATE": "1"},
        ),
        Process(
            "worker",
            ("{python}", "main.py"),
            folder="worker",
            port=8171,
            ready="/health",
            environment={**OURS, **OFTEN, "SERVICE_NAME": "worker", "STEP_TIMEOUT_SECONDS": "10"},
        ),
        Process(
            "web",
            ("{python}", *UVICORN, "{port}"),
            folder="web",
            port=8172,
            ready="/health",
            environment={**OURS, **OFTEN, "SERVICE_NAME": "web"},
        ),
        Process("traffic", ("{python}", "-m", "examples.canvascast.traffic"), folder="../..", traffic=True),
    ),
    places={
        "https://api.canvascast.example": "{api_url}",
        "https://canvascast.example": "{web_url}",
        "http://worker.canvascast.example:8171": "{worker_url}",
        "api.canvascast.example:8170": "127.0.0.1:{api_port}",
    },
    secrets={
        "slack": "{outside_url}/services/T0/B0/canvascast",
        "pagerduty": "routing-key-of-canvascast-32-cha",
    },
    history="examples.canvascast.history",
    faults={
        "database_gone": gone("postgresql", "PostgreSQL cannot be reached: not ready, and most requests answer 500"),
        "database_slow": slowed("postgresql", 3, "each statement takes three seconds more: slow responses"),
        "redis_gone": gone("redis", "Redis cannot be reached: no job is taken, none is worked on"),
        "storage_down": behaving("storage", "error", "storage answers 503: not ready, uploads fail"),
        "storage_slow": behaving("storage", "slow", "storage takes three seconds", seconds=3),
        "images_down": behaving("images", "error", "the image and voice provider answers 503: every job fails"),
        "images_slow": behaving("images", "slow", "images and voices take five seconds: jobs wait", seconds=5),
        "images_limited": behaving("images", "rate_limited", "the provider's rate limit is reached: every job fails"),
        "images_timeout": behaving("images", "timeout", "the provider does not answer: jobs fail after a while"),
        "model_overloaded": behaving("llm", "overloaded", "the language model answers 529: scripts fail"),
        "checkout_declined": behaving("checkout", "declined", "every card is declined"),
        "checkout_down": behaving("checkout", "error", "checkout answers 503: payments fail"),
        "checkout_slow": behaving("checkout", "slow", "checkout takes seven seconds: slow responses", seconds=7),
        "worker_stuck": paused("worker", "the worker hangs: jobs wait"),
        "worker_dead": killed("worker", "the worker was killed: jobs wait"),
    },
)
