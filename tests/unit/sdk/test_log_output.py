"""Lines where people and machines read them: a terminal, a pipe, a file that is rotated."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from midwatch.sdk.log_output import RotatedFile
from midwatch.sdk.options import ConfigurationError

PROGRAM = """
import logging
import midwatch
midwatch.init(service="shop")
midwatch.get_logger("till").warning("sold out", item="mug")
try:
    {}["mug"]
except KeyError:
    logging.getLogger("stock").exception("cannot count")
"""


def on_a_terminal(**environment: str) -> str:
    master, slave = pty.openpty()
    started = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=slave, env={**os.environ, **environment})
    os.close(slave)
    said = b""
    while True:
        try:
            said += os.read(master, 1 << 16)
        except OSError:
            # The other end is closed.
            break
    os.close(master)
    assert started.wait(30) == 0
    return said.decode()


def test_a_terminal_gets_colours_and_a_pipe_gets_json() -> None:
    """Unless one of them is asked for."""
    said = on_a_terminal()
    assert "\x1b[" in said
    first = said.splitlines()[0]
    assert "sold out" in first
    assert "mug" in first
    assert not first.startswith("{")
    assert "KeyError: 'mug'" in said
    piped = subprocess.run([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, check=True)
    assert [json.loads(line)["message"] for line in piped.stdout.splitlines()] == ["sold out", "cannot count"]
    asked = on_a_terminal(LOG_FORMAT="json")
    assert [json.loads(line)["level"] for line in asked.splitlines()] == ["warning", "error"]


def test_a_full_file_makes_room_and_the_oldest_goes(tmp_path: Path) -> None:
    """Lines stay whole and in order; so many files are kept, and none is larger than it may be."""
    file = RotatedFile(tmp_path / "logs" / "app.log", bytes_max=30, kept=2)
    for number in range(12):
        file.write(b"line %02d..\n" % number)
    kept = {path.name: path.read_text().splitlines() for path in (tmp_path / "logs").iterdir()}
    assert kept == {
        "app.log": ["line 09..", "line 10..", "line 11.."],
        "app.log.1": ["line 06..", "line 07..", "line 08.."],
        "app.log.2": ["line 03..", "line 04..", "line 05.."],
    }
    file.write(b"x" * 100 + b"\n")
    assert (tmp_path / "logs" / "app.log").stat().st_size == 101
    again = RotatedFile(tmp_path / "logs" / "app.log", bytes_max=30, kept=2)
    again.write(b"next\n")
    assert (tmp_path / "logs" / "app.log").read_bytes() == b"next\n"


def test_a_file_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigurationError, match=r"log_file=.*app\.log.*cannot write there"):
        RotatedFile(tmp_path / "taken" / "app.log")
