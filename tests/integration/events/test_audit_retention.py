"""Midwatch's own audit log is kept as long as the plan says; the chain of domain events is none of its business."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.conftest import TOKEN, Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

DAY_MS = 86_400_000


def test_acts_older_than_their_retention_go_and_the_chain_still_verifies(tmp_path: Path) -> None:
    """Without `retention.audit` all stay. With it older ones go, younger ones stay; events with an actor stay, too."""
    (plan := tmp_path / "plan").mkdir()
    (plan / "midwatch.yml").write_text("retention: {domain_events: 400d}\n")
    server = Server(tmp_path / "data", options=("--plan", str(plan))).start()
    try:
        events = [{"id": f"evt-{number}", "type": "refund.given", "actor": "admin:7"} for number in range(20)]
        with server.door(content_type="application/json") as door:
            assert door.post("/ingest/events", content=json.dumps(events)).status_code == 200
        with server.api() as api:
            eventually(
                lambda: len(api.get("/api/v1/events", params={"acts": "true"}).json()["events"]) == 20, seconds=60
            )
        server.stop()
        now = int(time.time() * 1000)
        with closing(sqlite3.connect(server.data / "workspace.db")) as database:
            columns = "time_ms, actor, action, target, details, address"
            for days in (400, 31, 29, 1):
                row = (now - days * DAY_MS, "ann", "old.act", f"{days} days ago", "{}", "")
                database.execute(f"INSERT INTO audit_log ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)
            # More than the sweeper takes at once.
            many = [(now - 500 * DAY_MS, "bob", "old.act", "long ago", "{}", "")] * 1500
            database.executemany(f"INSERT INTO audit_log ({columns}) VALUES (?, ?, ?, ?, ?, ?)", many)
            database.commit()
        server.start()
        assert {"400 days ago", "31 days ago", "29 days ago", "1 days ago"} <= set(_all(server))
        server.stop()
        (plan / "midwatch.yml").write_text("retention: {domain_events: 400d, audit: 30d}\n")
        server.start()
        eventually(lambda: set(_all(server)) == {"29 days ago", "1 days ago"}, seconds=60)
        command = [sys.executable, "-m", "midwatch", "events", "verify", "--url", server.url, "--token", TOKEN]
        verified = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        with server.api() as api:
            verdict = api.get("/api/v1/events/verify").json()
            acts = api.get("/api/v1/events", params={"acts": "true"}).json()["events"]
        assert (verdict["intact"], len(acts)) == (True, 20)
    finally:
        server.stop()


def _all(server: Server) -> list[str]:
    """By the export, which has every act."""
    with server.api() as api:
        lines = api.get("/api/v1/audit/export", params={"format": "ndjson"}).text.splitlines()
    return [one["target"] for one in map(json.loads, lines) if one["action"] == "old.act"]
