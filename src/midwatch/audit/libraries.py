"""What packages are for, by the name they are imported by."""

ERRORS, TRACING, METRICS, LOGGING, REQUEST_LOG = (
    "error tracking",
    "tracing",
    "metrics",
    "structured logging",
    "request log",
)
RETRY, QUEUE, SCHEDULER, WEB, SOCKETS = "retries", "job queue", "scheduler", "web framework", "sockets"
DATABASE, CACHE, HTTP, MODELS, VENDOR, BOUNDARY = (
    "database",
    "Redis",
    "HTTP client",
    "language model",
    "vendor",
    "error boundary",
)
ALL = (ERRORS, TRACING, METRICS, LOGGING, REQUEST_LOG)
OBSERVING = frozenset(ALL)

_PYTHON: dict[str, tuple[str, ...]] = {
    "sentry_sdk": (ERRORS, TRACING), "raven": (ERRORS,), "rollbar": (ERRORS,), "bugsnag": (ERRORS,), "honeybadger": (ERRORS,), "airbrake": (ERRORS,),
    "elasticapm": (ERRORS, TRACING, METRICS), "newrelic": ALL, "ddtrace": (ERRORS, TRACING, REQUEST_LOG), "scout_apm": (ERRORS, TRACING), "appsignal": (ERRORS, TRACING),
    "logfire": ALL, "midwatch": ALL, "opentelemetry": (TRACING,), "opentelemetry.metrics": (METRICS,), "opentelemetry.sdk.metrics": (METRICS,),
    "opentelemetry.instrumentation": (TRACING, REQUEST_LOG), "beeline": (TRACING,), "jaeger_client": (TRACING,), "aws_xray_sdk": (TRACING,),
    "prometheus_client": (METRICS,), "django_prometheus": (METRICS,), "prometheus_fastapi_instrumentator": (METRICS,), "starlette_exporter": (METRICS,), "starlette_prometheus": (METRICS,),
    "prometheus_flask_exporter": (METRICS,), "aioprometheus": (METRICS,), "statsd": (METRICS,), "datadog": (METRICS,), "django_statsd": (METRICS,),
    "structlog": (LOGGING,), "django_structlog": (LOGGING, REQUEST_LOG), "pythonjsonlogger": (LOGGING,), "json_log_formatter": (LOGGING,), "ecs_logging": (LOGGING,), "json_logging": (LOGGING,),
    "google.cloud.logging": (LOGGING,), "loguru": (LOGGING,), "asgi_logger": (REQUEST_LOG,),
    "tenacity": (RETRY,), "backoff": (RETRY,), "retrying": (RETRY,), "stamina": (RETRY,), "retry": (RETRY,), "urllib3.util.retry": (RETRY,), "urllib3.util": (RETRY,), "httpx_retries": (RETRY,),
    "celery": (QUEUE,), "rq": (QUEUE,), "arq": (QUEUE,), "dramatiq": (QUEUE,), "huey": (QUEUE,), "taskiq": (QUEUE,), "django_q": (QUEUE,), "procrastinate": (QUEUE,),
    "apscheduler": (SCHEDULER,), "schedule": (SCHEDULER,), "aiocron": (SCHEDULER,), "rq_scheduler": (SCHEDULER,),
    "fastapi": (WEB,), "flask": (WEB,), "django": (WEB,), "starlette": (WEB,), "aiohttp.web": (WEB,), "sanic": (WEB,), "tornado": (WEB,), "falcon": (WEB,), "litestar": (WEB,), "bottle": (WEB,), "quart": (WEB,),
    "socketio": (SOCKETS,), "websockets": (SOCKETS,), "channels": (SOCKETS,), "flask_socketio": (SOCKETS,),
    "psycopg": (DATABASE,), "psycopg2": (DATABASE,), "asyncpg": (DATABASE,), "sqlalchemy": (DATABASE,), "sqlmodel": (DATABASE,), "django.db": (DATABASE,), "pymongo": (DATABASE,), "motor": (DATABASE,),
    "MySQLdb": (DATABASE,), "pymysql": (DATABASE,), "peewee": (DATABASE,), "tortoise": (DATABASE,), "flask_sqlalchemy": (DATABASE,), "redis": (CACHE,), "aioredis": (CACHE,), "django_redis": (CACHE,),
    "requests": (HTTP,), "httpx": (HTTP,), "aiohttp": (HTTP,), "urllib3": (HTTP,), "openai": (MODELS,), "anthropic": (MODELS,), "litellm": (MODELS,), "google.generativeai": (MODELS,),
    "stripe": (VENDOR,), "twilio": (VENDOR,), "boto3": (VENDOR,), "slack_sdk": (VENDOR,), "sendgrid": (VENDOR,),
}  # fmt: skip
_JAVASCRIPT: dict[str, tuple[str, ...]] = {
    "@sentry/": (ERRORS, TRACING), "@bugsnag/": (ERRORS,), "rollbar": (ERRORS,), "@rollbar/": (ERRORS,), "@honeybadger-io/": (ERRORS,), "elastic-apm-node": (ERRORS, TRACING, METRICS),
    "@elastic/apm-rum": (ERRORS, TRACING), "newrelic": ALL, "dd-trace": (ERRORS, TRACING), "@datadog/browser-rum": (ERRORS, TRACING), "@datadog/browser-logs": (ERRORS, LOGGING), "logrocket": (ERRORS,),
    "@appsignal/": (ERRORS, TRACING), "@opentelemetry/": (TRACING,), "@opentelemetry/sdk-metrics": (METRICS,), "@opentelemetry/auto-instrumentations-node": (TRACING, METRICS, REQUEST_LOG),
    "@opentelemetry/sdk-node": (TRACING, REQUEST_LOG), "@vercel/otel": (TRACING, REQUEST_LOG), "@google-cloud/error-reporting": (ERRORS,), "@grafana/faro-": (ERRORS, TRACING),
    "prom-client": (METRICS,), "express-prom-bundle": (METRICS, REQUEST_LOG), "prometheus-api-metrics": (METRICS, REQUEST_LOG), "hot-shots": (METRICS,), "express-prometheus-middleware": (METRICS,),
    "pino": (LOGGING,), "pino-http": (LOGGING, REQUEST_LOG), "nestjs-pino": (LOGGING, REQUEST_LOG), "winston": (LOGGING,), "express-winston": (LOGGING, REQUEST_LOG), "bunyan": (LOGGING,), "log4js": (LOGGING,),
    "tslog": (LOGGING,), "roarr": (LOGGING,), "next-axiom": (LOGGING,), "@logtail/": (LOGGING,), "morgan": (REQUEST_LOG,), "koa-logger": (REQUEST_LOG,), "@logdna/": (LOGGING,), "evlog": (LOGGING,),
    "p-retry": (RETRY,), "async-retry": (RETRY,), "axios-retry": (RETRY,), "retry": (RETRY,), "exponential-backoff": (RETRY,), "cockatiel": (RETRY,), "got": (RETRY, HTTP), "ky": (RETRY, HTTP), "fetch-retry": (RETRY,),
    "react-error-boundary": (BOUNDARY,), "bullmq": (QUEUE,), "bull": (QUEUE,), "bee-queue": (QUEUE,), "agenda": (QUEUE,), "pg-boss": (QUEUE,), "graphile-worker": (QUEUE,), "inngest": (QUEUE,), "@trigger.dev/": (QUEUE,),
    "node-cron": (SCHEDULER,), "cron": (SCHEDULER,), "croner": (SCHEDULER,), "node-schedule": (SCHEDULER,), "toad-scheduler": (SCHEDULER,),
    "express": (WEB,), "fastify": (WEB,), "koa": (WEB,), "@nestjs/": (WEB,), "next/server": (WEB,), "hono": (WEB,), "@hapi/": (WEB,), "restify": (WEB,), "polka": (WEB,),
    "socket.io": (SOCKETS,), "ws": (SOCKETS,), "socket.io-client": (SOCKETS,), "@fastify/websocket": (SOCKETS,),
    "pg": (DATABASE,), "@prisma/": (DATABASE,), "mongoose": (DATABASE,), "mongodb": (DATABASE,), "typeorm": (DATABASE,), "drizzle-orm": (DATABASE,), "sequelize": (DATABASE,), "knex": (DATABASE,), "mysql2": (DATABASE,),
    "kysely": (DATABASE,), "postgres": (DATABASE,), "redis": (CACHE,), "ioredis": (CACHE,), "@upstash/redis": (CACHE,),
    "axios": (HTTP,), "node-fetch": (HTTP,), "undici": (HTTP,), "openai": (MODELS,), "@anthropic-ai/": (MODELS,), "ai": (MODELS,), "@ai-sdk/": (MODELS,), "@google/generative-ai": (MODELS,),
    "stripe": (VENDOR,), "twilio": (VENDOR,), "@aws-sdk/": (VENDOR,), "resend": (VENDOR,), "nodemailer": (VENDOR,),
}  # fmt: skip


def python_roles(module: str) -> tuple[str, tuple[str, ...]]:
    """The package that a dotted module belongs to, and its roles: the longest name that is known."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if roles := _PYTHON.get(name := ".".join(parts[:length])):
            return name, roles
    return module, ()


def javascript_roles(module: str) -> tuple[str, tuple[str, ...]]:
    if module in _JAVASCRIPT:
        return module, _JAVASCRIPT[module]
    scope, slash, rest = module.partition("/")
    package = f"{scope}/{rest.split('/')[0]}" if scope.startswith("@") and slash else scope
    if roles := _JAVASCRIPT.get(package):
        return package, roles
    known = next((key for key in _JAVASCRIPT if key.endswith(("/", "-")) and package.startswith(key)), None)
    return (package, _JAVASCRIPT[known]) if known else (package, ())
