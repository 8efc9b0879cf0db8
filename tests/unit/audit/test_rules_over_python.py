"""Each rule over Python: what it tells, and what looks like it and is none."""

from pathlib import Path

import pytest

from tests.unit.audit.judging import judged

LOG = "import logging\nlog = logging.getLogger(__name__)\n"

TOLD = {
    "print": ("def f():\n    print('hello')\n", [("print-as-log", 2)]),
    "a traceback is printed": ("import traceback\ntraceback.print_exc()\n", [("print-as-log", 2)]),
    "f-string": (LOG + "log.info(f'user {user.id}')\n", [("values-in-message", 3)]),
    "percent": (LOG + "log.info('user %s' % user.id)\n", [("values-in-message", 3)]),
    "format": (LOG + "log.info('user {}'.format(user.id))\n", [("values-in-message", 3)]),
    "joined": (LOG + "log.info('user ' + user.id)\n", [("values-in-message", 3)]),
    "the stack is lost": (
        LOG + "try:\n    f()\nexcept Exception as e:\n    log.error('failed: %s', e)\n",
        [("stack-lost", 6)],
    ),
    "a secret": (LOG + "log.info('signed in', extra={'password': password})\n", [("private-data-in-log", 3)]),
    "a secret in an f-string": (
        LOG + "log.info(f'{settings.STRIPE_API_KEY}')\n",
        [("values-in-message", 3), ("private-data-in-log", 3)],
    ),
    "a key that is written out": (LOG + "log.info('AKIAIOSFODNN7EXAMPLE')\n", [("private-data-in-log", 3)]),
    "all headers": (LOG + "log.info('in', extra={'h': dict(request.headers)})\n", [("private-data-in-log", 3)]),
    "personal data": (LOG + "log.info('mail', to=user.email)\n", [("private-data-in-log", 3)]),
    "swallowed": ("try:\n    f()\nexcept Exception:\n    pass\n", [("swallowed-exception", 3)]),
    "swallowed in a loop": ("for x in y:\n    try:\n        f()\n    except Exception:\n        continue\n", [("swallowed-exception", 4)]),
    "swallowed, with words that say nothing": ("try:\n    f()\nexcept Exception:\n    pass  # ignore\n", [("swallowed-exception", 3)]),
    "suppressed": ("import contextlib\nwith contextlib.suppress(Exception):\n    f()\n", [("swallowed-exception", 2)]),
    "bare": (LOG + "try:\n    f()\nexcept:\n    log.exception('x')\n", [("bare-except", 5)]),
    "goes on": ("try:\n    x = f()\nexcept Exception:\n    x = g(1)\n", [("handler-without-log", 3)]),
    "what is done, said above": ("# send the mail to the user\ntry:\n    f()\nexcept Exception:\n    pass\n", [("swallowed-exception", 4)]),
    "an answer by the same name": (
        "try:\n    save(x)\n    y = jsonify(x)\nexcept Exception:\n    y = jsonify(1)\n",
        [("handler-without-log", 4)],
    ),
    "answered and not logged": (
        "from fastapi import HTTPException\ntry:\n    f()\nexcept Exception as e:\n    raise HTTPException(status_code=500, detail=str(e))\n",
        [("handler-without-log", 4)],
    ),
    "no time-out": ("import requests\nrequests.get(url)\n", [("call-without-timeout", 2)]),
    "no time-out of a session": ("import requests\ns = requests.Session()\ns.post(url)\n", [("call-without-timeout", 3)]),
    "time-out taken away": ("import httpx\nhttpx.get(url, timeout=None)\n", [("call-without-timeout", 2)]),
    "urlopen by another name": ("from urllib.request import urlopen as u\nu(x)\n", [("call-without-timeout", 2)]),
    "a task forgotten": ("import asyncio\nasyncio.create_task(f())\n", [("task-forgotten", 2)]),
    "a start that goes on": (
        LOG + "async def lifespan(app):\n    try:\n        await db.connect()\n    except Exception:\n        log.exception('x')\n    yield\n",
        [("failed-start-ignored", 6)],
    ),
    "metrics in memory": ("request_counts = {}\ndef f(p):\n    request_counts[p] = 1\n", [("in-memory-metrics", 1)]),
    "a rate limit in memory": ("login_attempts = {}\ndef f(p):\n    login_attempts.setdefault(p, 0)\n", [("in-memory-rate-limit", 1)]),
    "a limiter in memory": ("from slowapi import Limiter\nlimiter = Limiter(key_func=k)\n", [("in-memory-rate-limit", 2)]),
    "state of requests": (
        "from fastapi import FastAPI\napp = FastAPI()\nsessions = {}\n@app.get('/x')\ndef x(k):\n    sessions[k] = 1\n",
        [("in-memory-state", 3)],
    ),
    "a socket whose end is not seen": (
        "@app.websocket('/ws')\nasync def ws(s):\n    await s.accept()\n",
        [("disconnects-unseen", 2)],
    ),
    "a schedule": ("scheduler.add_job(nightly, 'cron')\n", [("unmonitored-job", 1)]),
    "Celery's beat": ("app.conf.beat_schedule = {\n  'nightly': {'task': 'x', 'schedule': 1},\n}\n", [("unmonitored-job", 2)]),
}  # fmt: skip

NOT_TOLD = {
    "a program of the terminal": "import argparse\nprint('hello')\n",
    "main": "if __name__ == '__main__':\n    print('hello')\n",
    "into a file": "print('x', file=out)\n",
    "a constant message": LOG + "log.info('user', extra={'id': user.id})\n",
    "arguments of a message": LOG + "log.info('user %s', user.id)\n",
    "an f-string without values": LOG + "log.info(f'user')\n",
    "no logger": "messages.error(request, f'user {name}')\nmath.log(x)\n",
    "exc_info": LOG + "try:\n    f()\nexcept Exception as e:\n    log.error('failed', exc_info=True)\n",
    "raised again": LOG + "try:\n    f()\nexcept Exception as e:\n    log.error('failed: %s', e)\n    raise\n",
    "an expected type": "try:\n    f()\nexcept KeyError:\n    pass\n",
    "a reason": "try:\n    f()\nexcept Exception:\n    # the cache is only a help\n    pass\n",
    "a reason beside suppress": "import contextlib\nwith contextlib.suppress(Exception):  # the cache is only a help\n    f()\n",
    "parsing": "import json\ntry:\n    x = json.loads(y)\nexcept Exception:\n    x = None\n",
    "whether": "def ok():\n    try:\n        f()\n        return True\n    except Exception:\n        return False\n",
    "a signature": "def ok(x):\n    try:\n        return wh.verify(x)\n    except Exception:\n        return None\n",
    "what a type says": "import typing\ntry:\n    h = typing.get_type_hints(f)\nexcept Exception:\n    h = None\n",
    "looked for in data": "def where(m):\n    try:\n        return m['country']['names']\n    except Exception:\n        return ''\n",
    "a header taken apart": "def pairs(h):\n    try:\n        return {k: v for k, v in [x.split('=', 1) for x in h.split(',')]}\n    except Exception:\n        return {}\n",
    "another way": "def schema():\n    try:\n        return rows('a')\n    except Exception:\n        return rows('b')\n",
    "a reason above": "# copy the times, but it's ok if we can't\ntry:\n    f()\nexcept Exception:\n    pass\n",
    "a reason, and goes on": "try:\n    x = f()\nexcept Exception:\n    # without one we take ours\n    x = g(1)\n",
    "handed on": "try:\n    f()\nexcept Exception as e:\n    fut.set_exception(e)\n",
    "kept": "try:\n    f()\nexcept Exception as e:\n    job.error = str(e)\n",
    "reported": "import sentry_sdk\ntry:\n    f()\nexcept Exception as e:\n    sentry_sdk.capture_exception(e)\n",
    "a time-out": "import requests\nrequests.get(url, timeout=3)\n",
    "options from elsewhere": "import requests\nrequests.get(url, **options)\n",
    "httpx has one": "import httpx\nhttpx.get(url)\n",
    "a task that is kept": "import asyncio\ntask = asyncio.create_task(f())\n",
    "whether there is a password": LOG + "log.info('x', has_password=has_password, n=len(password))\n",
    "a count of tokens": LOG + "log.info('x', tokens=tokens, token_count=token_count)\n",
    "a table that nobody changes": "metrics = {'a': 1}\ndef f():\n    return metrics['a']\n",
    "a name of its own": "metrics = {}\ndef f():\n    metrics = {}\n    metrics['a'] = 1\n",
    "a socket whose end is seen": "@app.websocket('/ws')\nasync def ws(s):\n    try:\n        await s.accept()\n    except WebSocketDisconnect:\n        log.info('x')\n",
    "a heartbeat": "def nightly():\n    with midwatch.monitor('nightly'):\n        f()\nscheduler.add_job(nightly, 'cron')\n",
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD)
def test_what_is_told(tmp_path: Path, case: str) -> None:
    """Rule and line."""
    code, expected = TOLD[case]
    assert judged(tmp_path, "service/views.py", code) == sorted(expected, key=lambda one: one[1])


@pytest.mark.parametrize("case", NOT_TOLD)
def test_what_looks_like_it_and_is_none(tmp_path: Path, case: str) -> None:
    """Nothing is told of it."""
    assert judged(tmp_path, "service/views.py", NOT_TOLD[case]) == []


@pytest.mark.parametrize("name", ["tests/test_x.py", "conftest.py", "src/x_test.py"])
def test_tests_are_left_aside(tmp_path: Path, name: str) -> None:
    """Their printing and catching is nobody's trouble."""
    assert judged(tmp_path, name, "print(1)\ntry:\n    f()\nexcept:\n    pass\n") == []
