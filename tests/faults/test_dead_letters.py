"""Poison in the log: it is set apart and kept, nothing behind it waits, and an operator deals with it by the CLI."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.faults.load import ITEMS_A_BODY, Load

from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import FrameHeader, encode_frame

pytestmark = pytest.mark.faults
POISON = b"\x0a\xff\xff\xff\xff\x0f this is no request"
KINDS = {"traces": SegmentKind.OTLP_TRACES, "logs": SegmentKind.OTLP_LOGS}
GOOD_FRAMES = 6


def cli(server: Server, *arguments: str) -> str:
    command = [sys.executable, "-m", "midwatch", "dead-letters", *arguments, "--data", str(server.data)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def letters(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(cli(server, "list", "--json"))["letters"]
    return found


def test_poison_blocks_nothing_and_is_dealt_with_by_the_cli(tmp_path: Path) -> None:
    """Two bodies that no store can read, in segments of good ones: listed, shown, tried again, dropped, under load."""
    (tmp_path / "plan").mkdir()
    # Else nothing is kept of what cannot be read: tests/integration/privacy.
    (tmp_path / "plan" / "midwatch.yml").write_text("privacy:\n  at_the_server: false\n")
    server = Server(tmp_path / "data", {}, ("--plan", str(tmp_path / "plan"))).start()
    server.stop()
    load = Load(server)
    for signal, kind in KINDS.items():
        bodies = [load.body(signal) for _ in range(GOOD_FRAMES)]
        load.fates[signal].acknowledged += GOOD_FRAMES * ITEMS_A_BODY
        bodies.insert(GOOD_FRAMES // 2, POISON)
        header = FrameHeader(1, "k1", "", time.time_ns(), b"")
        frames = b"".join(bytes(part) for body in bodies for part in encode_frame(kind, header, body))
        (server.data / "wal" / f"{time.time_ns() // 10**6:012x}{0:020x}.{kind}.wal").write_bytes(frames)
    server.start()
    with load:
        load.acknowledge(500)
        found = eventually(lambda: len(letters(server)) == len(KINDS) and letters(server))
        assert {one["signal"] for one in found} == set(KINDS)
        for one in found:
            assert one["error"] in cli(server, "show", one["id"])
            assert "this is no request" in cli(server, "show", one["id"])
        cli(server, "retry", "--all")
        load.acknowledge(500)
        again = eventually(lambda: len(letters(server)) == len(KINDS) and letters(server))
        cli(server, "drop", again[0]["id"], "--yes")
        assert [one["id"] for one in letters(server)] == [again[1]["id"]]
        load.acknowledge(500)
    load.judge()
    server.stop()
