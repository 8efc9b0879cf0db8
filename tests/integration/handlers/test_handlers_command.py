"""`midwatch handlers` against a server and an app: list, show, replay, cancel."""

import json
import os
import subprocess
import sys
import uuid

import pytest

import midwatch
from midwatch.contract.sealed import SETTING, SealKeys
from midwatch.sdk.handlers.ledger import Ledger
from midwatch.sdk.handlers.registry import REGISTRY
from tests.conftest import TOKEN, Server
from tests.eventually import eventually

SEAL = "r1:" + "A" * 43 + "="
CLOSED: set[str] = set()


@midwatch.replayable("invoice.send", key=lambda invoice: invoice["id"])
def send_invoice(invoice: dict[str, str]) -> None:
    if CLOSED:
        raise ConnectionError("the mail server is away")


def run(server: Server, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "midwatch", "handlers", *arguments, "--url", server.url, "--token", TOKEN]
    told = {**os.environ, **environment}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=told, timeout=60)


def test_the_command_lists_shows_and_replays(app: Server, service: str, one_ledger: Ledger) -> None:
    """What is sealed is opened here, where the key is, and nowhere else."""
    REGISTRY.keys = SealKeys(SEAL)
    key = uuid.uuid4().hex
    CLOSED.add("mail")
    with pytest.raises(ConnectionError):
        send_invoice({"id": key, "to": "anna@example.com"})

    def listed() -> str:
        found = run(app, "list", "--service", service)
        assert found.returncode == 0, found.stderr
        return found.stdout if key in found.stdout else ""

    line = next(one for one in eventually(listed).splitlines() if key in one)
    assert "invoice.send" in line
    assert "ConnectionError: the mail server is away" in line
    (one,) = json.loads(run(app, "list", "--service", service, "--json").stdout)["runs"]
    assert one["is_sealed"]

    shown = run(app, "show", one["id"], "--payload")
    assert "sealed with the team's key r1" in shown.stdout
    assert "anna" not in shown.stdout
    opened = run(app, "show", one["id"], "--payload", **{SETTING: SEAL})
    assert '"to": "anna@example.com"' in opened.stdout

    tried = run(app, "replay", one["id"], "--reason", "is it back?", "--dry-run")
    assert (tried.returncode, "would run" in tried.stdout) == (0, True), tried.stderr
    failed = run(app, "replay", "--service", service, "--reason", "is it back?")
    assert (failed.returncode, "failed" in failed.stdout) == (1, True), failed.stderr
    CLOSED.clear()
    replayed = run(app, "replay", one["id"], "--reason", "it is back", "--json")
    assert [order["outcome"] for order in json.loads(replayed.stdout)["orders"]] == ["done"]
    eventually(lambda: "no failed runs" in run(app, "list", "--service", service).stdout)
    assert "it is back" in run(app, "show", one["id"]).stdout
    nothing = run(app, "replay", one["id"], "--reason", "again")
    assert (nothing.returncode, "nothing to replay" in nothing.stderr) == (1, True)
    assert "give ids" in run(app, "replay", "--reason", "x").stderr
    assert "expected an id" in run(app, "show", "no id").stderr
    batch = json.loads(replayed.stdout)["batch_id"]
    assert run(app, "cancel", batch).stdout == "0 called off\n"
