"""What is missing in a code base as a whole, and what shows that it is there."""

from pathlib import Path

import pytest

from midwatch.audit import Options, audit
from tests.unit.audit.judging import write

FASTAPI = "from fastapi import FastAPI\nimport sqlalchemy\napp = FastAPI()\n@app.get('/x')\ndef x():\n    return 1\n"
EXPRESS = (
    "const express = require('express')\nconst app = express()\n"
    "app.get('/a', f)\napp.get('/b', f)\napp.get('/c', f)\napp.listen(3000)\n"
)
CASES: dict[str, tuple[dict[str, str], set[str], set[str]]] = {
    "a bare service in Python": (
        {"app/main.py": FASTAPI},
        {"no-error-tracking", "no-health-endpoint", "no-structured-logging", "no-metrics", "no-tracing", "no-request-log"},
        {"no-graceful-shutdown", "no-error-boundary", "no-retries"},
    ),
    "Midwatch is set up": (
        {"app/main.py": "import midwatch\nmidwatch.init()\n" + FASTAPI},
        {"no-health-endpoint"},
        {"no-error-tracking", "no-structured-logging", "no-metrics", "no-tracing", "no-request-log"},
    ),
    "Midwatch's health endpoint": (
        {"app/main.py": "import midwatch\nmidwatch.init()\n" + FASTAPI + "midwatch.health(app, {'database': engine})\n"},
        set(),
        {"no-health-endpoint", "shallow-health"},
    ),
    "a shallow health endpoint": (
        {"app/main.py": FASTAPI + "@app.get('/health')\ndef health():\n    return {'ok': True}\n"},
        {"shallow-health"},
        {"no-health-endpoint"},
    ),
    "a health endpoint that asks": (
        {"app/main.py": FASTAPI + "@app.get('/health')\ndef health():\n    db.execute('SELECT 1')\n"},
        set(),
        {"no-health-endpoint", "shallow-health"},
    ),
    "Django's addresses": (
        {"app/urls.py": "from django.urls import path\nurlpatterns = [path('api/health/', health), path('x/', x)]\n"},
        {"no-error-tracking"},
        {"no-health-endpoint"},
    ),
    "a bare service in Node.js": (
        {"index.js": EXPRESS},
        {"no-error-tracking", "no-health-endpoint", "no-graceful-shutdown", "no-central-error-handler", "no-last-resort"},
        {"no-error-boundary"},
    ),
    "one that is looked after": (
        {
            "index.js": "const Sentry = require('@sentry/node')\nconst pino = require('pino')\n"
            + EXPRESS
            + "app.get('/health', async (req, res) => { await pool.query('SELECT 1'); res.json({}) })\n"
            + "app.use((err, req, res, next) => next(err))\nprocess.on('SIGTERM', stop)\n"
        },
        set(),
        {"no-error-tracking", "no-health-endpoint", "no-graceful-shutdown", "no-central-error-handler", "no-last-resort"},
    ),
    "a page with a boundary": (
        {"src/main.tsx": "import { ErrorBoundary } from 'react-error-boundary'\ncreateRoot(e).render(<ErrorBoundary/>)\n"},
        {"no-error-tracking"},
        {"no-error-boundary", "no-health-endpoint"},
    ),
    "jobs that fail unheard": (
        {"app/jobs.py": "from celery import shared_task\n@shared_task\ndef f():\n    pass\n"},
        {"job-failures-unheard"},
        set(),
    ),
    "jobs that fail and are heard": (
        {
            "app/jobs.py": "from celery import shared_task\n@shared_task\ndef f():\n    pass\n",
            "app/x.py": "import sentry_sdk\n",
        },
        set(),
        {"job-failures-unheard"},
    ),
    "a worker that is killed": (
        {"worker.py": "def run():\n    while True:\n        q.get()\n\nif __name__ == '__main__':\n    run()\n"},
        {"no-graceful-shutdown"},
        set(),
    ),
    "a worker that stops": (
        {
            "worker.py": "import signal\nsignal.signal(signal.SIGTERM, stop)\n"
            "while True:\n    q.get()\nif __name__ == '__main__':\n    run()\n"
        },
        set(),
        {"no-graceful-shutdown"},
    ),
    "calls that are not retried": (
        {"app/x.py": "import requests\n" + "requests.get(u, timeout=1)\n" * 5},
        {"no-retries"},
        set(),
    ),
    "calls that are retried": (
        {"app/x.py": "import requests, tenacity\n" + "requests.get(u, timeout=1)\n" * 5},
        set(),
        {"no-retries"},
    ),
    "a library that nobody uses": (
        {"requirements.txt": "sentry-sdk[fastapi]>=2\n", "app/x.py": "x = 1\n"},
        {"library-not-used"},
        set(),
    ),
    "libraries that are used": (
        {
            "requirements.txt": "sentry-sdk>=2\n",
            "pyproject.toml": "[project]\ndependencies = ['structlog']\n",
            "app/x.py": "import sentry_sdk\nfrom structlog import get_logger\n",
        },
        set(),
        {"library-not-used"},
    ),
    "nothing to serve": ({"lib.py": "def f():\n    return 1\n"}, set(), {"no-error-tracking", "no-health-endpoint"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_missing_and_what_is_there(tmp_path: Path, case: str) -> None:
    """Told where it is missing, and nowhere else."""
    files, told, not_told = CASES[case]
    write(tmp_path, files)
    found = {one.rule.name for one in audit(tmp_path, Options()).findings}
    assert told <= found
    assert not not_told & found


def test_events_of_the_plan_are_looked_for(tmp_path: Path) -> None:
    """Both ways: what the plan names and nobody logs, and what is logged and not in the plan."""
    write(
        tmp_path,
        {
            "app/x.py": "log.info('order.paid', order=1)\nlog.info('order.lost')\nlog.info('It is late')\n"
            "import midwatch\nmidwatch.event('order.packed', entity=('order', 1))\n",
            "web/y.ts": "logger.info({ event: 'chat.joined' })\n",
        },
    )
    report = audit(tmp_path, Options(events=frozenset({"order.paid", "order.packed", "chat.joined", "order.shipped"})))
    told = {(one.rule.name, one.message) for one in report.findings if one.rule.name.startswith("event")}
    assert told == {
        ("event-not-in-code", "`order.shipped` is logged nowhere"),
        ("event-not-in-plan", "`order.lost` is not in the plan"),
    }
    assert not [one for one in audit(tmp_path, Options()).findings if one.rule.name.startswith("event")]
