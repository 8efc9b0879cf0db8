"""Whether a file of JavaScript runs in Node.js or in a browser."""

import re

from midwatch.audit.finding import BROWSER, NODE, Side

_NODE_MODULES = frozenset(
    [
        "fs",
        "path",
        "http",
        "https",
        "net",
        "tls",
        "os",
        "child_process",
        "cluster",
        "crypto",
        "worker_threads",
        "express",
        "fastify",
        "koa",
        "pg",
        "ioredis",
        "redis",
        "socket.io",
        "ws",
        "mongoose",
        "knex",
        "sequelize",
        "typeorm",
        "bullmq",
        "bull",
        "node-cron",
        "nodemailer",
        "next/server",
        "next/headers",
        "server-only",
        "@prisma/client",
        "hono",
        "passport",
        "bcrypt",
        "bcryptjs",
        "jsonwebtoken",
        "winston",
        "pino",
        "morgan",
    ]
)
_NODE_PATH = re.compile(
    r"(?:^|/)(?:server|backend|workers?|lambda|functions)/|(?:^|/)(?:api|pages/api)/.*\.[jt]s$|(?:^|/)(?:server|middleware|instrumentation|proxy)\.[cm]?[jt]s$|\.server\.[jt]sx?$"
)
_BROWSER_PATH = re.compile(
    r"\.[jt]sx$|\.vue$|\.svelte$|(?:^|/)(?:client|frontend|front-end|web|www|public|static|components|hooks|pages|composables|ui|src-ui)/|\.client\.[jt]s$"
)
_BROWSER_IMPORT = re.compile(
    r"^(?:react|vue|preact|svelte|solid-js|jquery|@angular/|socket\.io-client|next/(?:navigation|router|link|image)|@tanstack/react|zustand|redux)"
)
_NEXT_ROUTE = re.compile(r"(?:^|/)app/(?:.*/)?route\.[jt]sx?$")


def side_of(name: str, text: str, imported: frozenset[str]) -> tuple[Side, bool]:
    """By what it says itself, by what it imports, by where it lies; Node.js where nothing tells, and then not for sure."""
    head = text.lstrip()[:300]
    if said := re.search(r"^[ \t]*[\"']use (client|server)[\"']", head, re.MULTILINE):
        return (BROWSER if said[1] == "client" else NODE), True
    if _NEXT_ROUTE.search(name):
        return NODE, True
    if any(
        one.removeprefix("node:").split("/")[0] in _NODE_MODULES
        or one in _NODE_MODULES
        or one.startswith(("node:", "@nestjs/"))
        for one in imported
    ):
        return NODE, True
    if _NODE_PATH.search(name) and not any(_BROWSER_IMPORT.match(one) for one in imported):
        return NODE, True
    if any(_BROWSER_IMPORT.match(one) for one in imported) or _BROWSER_PATH.search(name):
        return BROWSER, True
    if re.search(r"\b(?:window|document|localStorage|navigator)\.", text):
        return BROWSER, False
    return NODE, re.search(
        r"\bmodule\.exports\b|\brequire\(|\bprocess\.env\.(?!NODE_ENV|NEXT_PUBLIC|REACT_APP|VITE)", text
    ) is not None
