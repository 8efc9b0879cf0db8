"""The thread that asks the server for orders: one question that stays open until there is one, and no port of ours."""

import os
import secrets
import socket
import threading
import time
from typing import Any

from midwatch.contract import handlers as contract
from midwatch.contract.handlers import ORDERS_PATH, OUTCOMES_PATH, WAIT_SECONDS_MAX
from midwatch.sdk import forks
from midwatch.sdk.guard import Guard
from midwatch.sdk.handlers.orders import Report, Told, carry_out
from midwatch.sdk.handlers.registry import REGISTRY
from midwatch.sdk.handlers.server import NoAnswer, Server
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.setup import in_force

OK = 200
AGAIN_SECONDS, AGAIN_SECONDS_MAX = 1.0, 30.0
REPORTED_TRIES = 5
WAIT_SECONDS = WAIT_SECONDS_MAX
ORDERS, REFUSED, FORGED = "handler_orders", "refused", "forged"

guard = Guard(ORDERS, PROBLEMS)


class Channel:
    """One per process, begun with the first that is replayable; children of a fork ask for nothing."""

    _thread: threading.Thread | None

    def __init__(self) -> None:
        self._begin()
        forks.in_child(self._begin)

    def start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="midwatch-handler-orders", daemon=True)
                self._thread.start()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._thread = None

    def _run(self) -> None:
        pause = AGAIN_SECONDS
        while True:
            server = Server.of(in_force())
            if server is None or REGISTRY.ledger is None or not REGISTRY.handlers:
                time.sleep(AGAIN_SECONDS)
                continue
            is_answered = False
            with guard:
                is_answered = take_one(server, wait_seconds=WAIT_SECONDS)
            if is_answered:
                pause = AGAIN_SECONDS
            else:
                time.sleep(pause)
                pause = min(AGAIN_SECONDS_MAX, pause * 2)


def take_one(server: Server, *, wait_seconds: float) -> bool:
    """Ask once, and carry out what comes; False where there was no sound answer."""
    nonce = secrets.token_hex(16)
    question = {
        "service": server.service,
        "environment": server.environment,
        "instance": f"{socket.gethostname()}:{os.getpid()}"[:200],
        "handlers": sorted(REGISTRY.handlers),
        "nonce": nonce,
        "wait_seconds": wait_seconds,
    }
    try:
        answer = server.ask(ORDERS_PATH, question, seconds=wait_seconds + 10.0)
    except NoAnswer:
        return False
    if answer.status != OK:
        PROBLEMS.dropped(ORDERS, REFUSED, 0, f"{answer.status} {answer.body.get('error', '')}")
        return False
    order = answer.body.get("order")
    if order is None:
        return True
    if problem := _problem(order, answer.body.get("signature"), nonce, server):
        PROBLEMS.dropped(ORDERS, FORGED, 1, problem)
        return False
    tell_outcome(server, order["id"], carry_out(Told.of(order)))
    return True


def _problem(order: Any, signature: Any, nonce: str, server: Server) -> str:
    """What is wrong with an order; empty for one that the server has signed for this app, and for this question."""
    if not isinstance(order, dict) or not isinstance(signature, str):
        return "an order without a signature"
    if not contract.is_signed(order, nonce, server.secret, signature):
        return "an order whose signature is wrong: nothing was run"
    if (order.get("service"), order.get("environment")) != (server.service, server.environment):
        return "an order for another app"
    if order.get("expires_ms", 0) < time.time() * 1000:
        return "an order that is over: is the clock of this machine right?"
    return ""


def tell_outcome(server: Server, order_id: str, report: Report) -> None:
    """Where it cannot be told, the order is given again, and the store says how it ended."""
    body = {
        "order_id": order_id,
        "service": server.service,
        "environment": server.environment,
        "outcome": str(report.outcome),
        "detail": report.detail[: contract.TEXT_CHARACTERS_MAX],
        "seconds": report.seconds,
    }
    for tried in range(REPORTED_TRIES):
        try:
            if server.ask(OUTCOMES_PATH, body).status < 500:
                return
        except NoAnswer:
            pass
        time.sleep(min(AGAIN_SECONDS_MAX, AGAIN_SECONDS * 2**tried))


CHANNEL = Channel()
