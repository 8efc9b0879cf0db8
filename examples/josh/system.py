"""JOSH 2.0: LinkUps by text message. A web front in Node.js, a service and its worker in Python, PostgreSQL.

Production and staging run beside one another, staging in a schema of its own: what is told of one is never the other's.
"""

import os
import secrets
from pathlib import Path

from examples.outside import payments, sms
from examples.running.declared import Process, System, asked, behaving, gone, killed, paused, slowed

PRIVACY_KEY = f"k1:{secrets.token_hex(16)}"
UVICORN = ("-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--log-level", "warning", "--port")
OFF = os.environ.get("JOSH_PRIVACY") == "off"
"""The control run of the search for private values: nothing takes them out."""


def processes(prefix: str, environment: str, schema: str, first_port: int) -> tuple[Process, ...]:
    """The three of one environment."""
    ours = {
        "ENVIRONMENT": environment,
        "SCHEMA": schema,
        "MIDWATCH_PRIVACY_KEY": PRIVACY_KEY,
        "OTEL_METRIC_EXPORT_INTERVAL": "2000",
        "CORE_URL": f"{{{prefix}core_url}}",
        "STATUS_CALLBACK": f"{{{prefix}api_url}}/api/twilio/status",
    }
    front = {
        "PUBLIC_URL": f"{{{prefix}api_url}}",
        "TWILIO_AUTH_TOKEN": sms.TOKEN,
        "STRIPE_WEBHOOK_SECRET": payments.SECRET,
        "ADMIN_TOKENS": "ada-token=ada:engineering,sam-token=sam:support",
    }
    core, worker = (
        {"SERVICE_NAME": "core"},
        {"SERVICE_NAME": "worker", "DUE_SECONDS": "5", "SMS_BACKOFF_SECONDS": "0.2"},
    )
    return (
        Process(
            f"{prefix}core",
            ("{python}", *UVICORN, "{port}"),
            folder="service",
            port=first_port,
            ready="/ready",
            environment={**ours, **core},
        ),
        Process(f"{prefix}worker", ("{python}", "worker.py"), folder="service", environment={**ours, **worker}),
        Process(
            f"{prefix}api",
            ("{node}", "--import", "./instrument.mjs", "server.mjs"),
            folder="api",
            port=first_port + 1,
            ready="/health",
            environment={**ours, **front},
        ),
    )


SYSTEM = System(
    name="josh",
    title="JOSH 2.0, LinkUps by text message",
    folder=Path(__file__).parent,
    postgresql=True,
    packages=("api",),
    prepare=tuple(
        ("env", f"SCHEMA={schema}", "ENVIRONMENT=local", "OTEL_SDK_DISABLED=true", "{python}", "service/tables.py")
        for schema in ("public", "staging")
    ),
    processes=(
        *processes("", "prod", "public", 8120),
        *processes("staging_", "staging", "staging", 8122),
        Process("traffic", ("{python}", "-m", "examples.josh.traffic"), folder="../..", traffic=True),
    ),
    places={
        "https://josh.example.com": "{api_url}",
        "https://staging.josh.example.com": "{staging_api_url}",
        "mail.example.com:587": "{smtp}",
        **({"at_the_server: true": "at_the_server: false"} if OFF else {}),
    },
    secrets={
        "slack": "{outside_url}/services/T0/B0/josh",
        "pagerduty": "engineer-of-josh-routing-key-32c",
        "pagerduty-founder": "founder-of-josh-routing-key-32ch",
    },
    environment="prod",
    history="examples.josh.history",
    faults={
        "llm_timeout": behaving("llm", "timeout", "the model does not answer: clarifiers are asked instead"),
        "llm_invalid_json": behaving("llm", "invalid_json", "the model chats where JSON is expected"),
        "llm_overloaded": behaving("llm", "overloaded", "the model answers 529"),
        "sms_down": behaving("sms", "error", "Twilio answers 503: jobs are tried three times, and fail"),
        "sms_slow": behaving("sms", "slow", "Twilio takes two seconds for a message", seconds=2),
        "sms_rejected": behaving("sms", "rejected", "Twilio refuses every message with error 21610"),
        "sms_undelivered": behaving("sms", "undelivered", "messages are sent, and do not arrive"),
        "sms_no_callbacks": behaving("sms", "no_callbacks", "Twilio does not call back"),
        "stuck_linkup": asked(
            "core",
            "/rehearsal/stuck_broadcast",
            "broadcasting breaks off before anybody is invited",
            body={"on": True},
            healed={"on": False},
        ),
        "database_gone": gone("postgresql", "PostgreSQL cannot be reached: both webhooks answer 502"),
        "database_slow": slowed("postgresql", 0.05, "each statement takes fifty milliseconds more"),
        "core_hangs": paused("core", "the service behind the web front hangs"),
        "worker_stuck": paused("worker", "nobody sends what waits, nothing expires"),
        "worker_dead": killed("worker", "the worker was killed"),
    },
)
