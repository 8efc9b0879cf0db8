"""A Flask app that exposes its metrics."""

import os
import time

from flask import Flask

import midwatch

midwatch.init()
app = Flask(__name__)
midwatch.instrument(app)
midwatch.expose(app)

signups = midwatch.counter("signups_total", "Users who came", labels=("method",))
sessions = midwatch.gauge("open_sessions", "Sessions of this process")
last = midwatch.gauge("last_seen", "The greatest number seen", multiprocess_mode="max")
midwatch.gauge("watched", "What is asked when it is read").watch(lambda: 21.0)


@app.get("/items/<int:number>")
def item(number: int) -> dict[str, object]:
    signups.inc(method="email")
    last.set(number)
    return {"item": number, "pid": os.getpid()}


@app.get("/sessions")
def opened() -> dict[str, int]:
    sessions.set(1)
    return {"pid": os.getpid()}


@app.get("/waits")
def waits() -> dict[str, bool]:
    time.sleep(1.0)
    return {"ok": True}
