"""Tells the server of runs that failed, and of what became of those that it knows: from the team's store, once taken.

The store is the queue: a run is told until the server has taken it, by any process of the app, be the one that ran it
alive or not.
"""

from collections.abc import Mapping
from typing import Any

from midwatch.contract.handlers import LIVE, RUNS_MAX, RUNS_PATH, State
from midwatch.sdk.handlers.ledger import Ledger
from midwatch.sdk.handlers.model import StoredRun
from midwatch.sdk.handlers.payload import shown
from midwatch.sdk.handlers.registry import REGISTRY
from midwatch.sdk.handlers.server import NoAnswer, Server
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.setup import in_force

RUNS, REFUSED = "handler_runs", "refused"
OK, TOO_MANY_REQUESTS = 200, 429


def tell() -> bool:
    """One batch after the other; False where the server has not taken one."""
    ledger, server = REGISTRY.ledger, Server.of(in_force())
    if ledger is None or server is None:
        return True
    found = ledger.to_look_at(RUNS_MAX)
    for run in found:
        if run.state in LIVE:
            ledger.give_up(run)
    waiting = [run for run in found if run.state is not State.RUNNING]
    while waiting:
        if not _told(ledger, server, waiting):
            return False
        waiting = [run for run in ledger.to_look_at(RUNS_MAX) if run.state is not State.RUNNING]
    ledger.forget()
    return True


def _told(ledger: Ledger, server: Server, runs: list[StoredRun]) -> bool:
    body = {"runs": [_as_told(run, server) for run in runs]}
    try:
        answer = server.ask(RUNS_PATH, body)
    except NoAnswer:
        return False
    if answer.status != OK:
        if answer.status != TOO_MANY_REQUESTS:
            PROBLEMS.dropped(RUNS, REFUSED, 0, f"{answer.status} {answer.body.get('error', '')}: they are told later")
        return False
    refused: Mapping[str, str] = answer.body.get("refused", {})
    waits = set(answer.body.get("wait", ()))
    for run in runs:
        if run.id in refused:
            PROBLEMS.dropped(RUNS, REFUSED, 1, refused[run.id])
        if run.id not in waits:
            ledger.told(run)
    return not waits


def _as_told(run: StoredRun, server: Server) -> dict[str, Any]:
    seen, about = shown(run.payload), run.about
    return {
        "id": run.id,
        "handler": run.handler,
        "key": run.key,
        "state": str(run.state),
        "revision": run.revision,
        "attempt": run.attempt,
        "service": about.get("service") or server.service,
        "environment": about.get("environment") or server.environment,
        "started_ms": int(run.started_at * 1000),
        "ended_ms": int(run.ended_at * 1000),
        "order_id": run.order_id,
        "payload": seen.payload,
        "refusal": seen.refusal,
        **{
            name: about.get(name, "")
            for name in ("error_type", "error_text", "event_id", "trace_id", "span_id", "correlation_id")
        },
    }
