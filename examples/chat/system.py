"""The chat MVP: rooms over Socket.IO, with an AI assistant for tickets.

`server/` (Node: API and sockets, two instances over PostgreSQL and Redis), `assistant/` (FastAPI, and Celery for
summaries), `web/` (a React page), and `before/`, the same server as it was before anything could be seen of it.
"""

from pathlib import Path

from examples.running.declared import Fault, Process, Running, System, behaving, gone, killed, paused, slowed

OURS = {"ENVIRONMENT": "production", "OTEL_METRIC_EXPORT_INTERVAL": "2000"}
"""Metrics go far more often than by default, so that a newcomer sees the page move."""
ASSISTANT = {**OURS, "LOG_FORMAT": "json", "RETRY_SECONDS": "2"}
UVICORN = ("--host", "127.0.0.1", "--port", "{port}", "--log-level", "warning", "--no-access-log")
CELERY = ("--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "warning")


def _server(name: str, port: int) -> Process:
    environment = {**OURS, "INSTANCE": name, "SENTRY_TRACES_SAMPLE_RATE": "1"}
    command = ("{node}", "--import", "./instrument.mjs", "server.mjs")
    return Process(name, command, "server", port=port, ready="/api/health", environment=environment)


async def _announced(running: Running) -> None:
    await running.ask("chat_a", "POST", "/api/hooks/random", {"text": "A build has failed"})


async def _unsaid(running: Running) -> None:
    await running.ask("chat_a", "DELETE", "/api/hooks/random")


SYSTEM = System(
    name="chat",
    title="The chat MVP",
    folder=Path(__file__).parent,
    postgresql=True,
    redis=7,
    packages=("server", "web"),
    pages=("web",),
    prepare=(("{python}", "assistant/prepare.py"),),
    history="examples.chat.history",
    processes=(
        Process(
            "assistant",
            ("{python}", "-m", "uvicorn", "main:app", *UVICORN),
            "assistant",
            port=8162,
            ready="/health",
            environment={**ASSISTANT, "SERVICE_NAME": "assistant"},
        ),
        Process(
            "jobs",
            ("{python}", "-m", "celery", "--quiet", "-A", "jobs", "worker", *CELERY),
            "assistant",
            environment={**ASSISTANT, "SERVICE_NAME": "assistant-jobs"},
        ),
        _server("chat_a", 8160),
        _server("chat_b", 8161),
        Process("traffic", ("{python}", "-m", "examples.chat.traffic"), "../..", traffic=True),
    ),
    places={
        "https://chat.example.com": "{chat_a_url}",
        "https://assistant.chat.example.com": "{assistant_url}",
        "db.chat.example.com:5432": "{postgresql_address}",
        "redis.chat.example.com:6379": "{redis_address}",
        "mail.example.com:587": "{smtp}",
    },
    secrets={"slack": "{outside_url}/services/T000/B000/chat", "database-url": "{database_url}"},
    faults={
        "database_gone": gone("postgresql", "PostgreSQL cannot be reached: the API answers 500, /api/health 503."),
        "database_slow": slowed(
            "postgresql", 0.7, "Whatever is said to PostgreSQL takes 0.7 s longer: each query is slow."
        ),
        "redis_gone": gone("redis", "Redis cannot be reached: limits are not held, instances do not hear each other."),
        "ai_down": behaving("llm", "error", "The language model answers 503."),
        "ai_limited": behaving("llm", "rate_limited", "The language model's rate limit is used up."),
        "ai_slow": behaving("llm", "slow", "The language model takes 3 s.", seconds=3),
        "react_crash": Fault("What a program says has no author, which crashes the page.", _announced, _unsaid),
        "instance_hangs": paused("chat_b", "An instance stands still: its sockets end by ping time-out."),
        "instance_killed": killed("chat_b", "An instance is gone; its people reconnect to the other."),
        "jobs_stopped": paused("jobs", "Nobody takes jobs from the queue."),
    },
)
