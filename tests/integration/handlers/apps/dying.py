"""An app whose handler fails while the file `closed` is there, and that dies where the file `die` says.

It writes each number that it has paid into `paid`.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

import midwatch
from midwatch.sdk.handlers import channel

HERE = Path(os.environ["DIRECTORY"])
LOST_SECONDS = 1.0


def die_at(place: str) -> None:
    """Once."""
    die = HERE / "die"
    with suppress(FileNotFoundError):
        if die.read_text() == place:
            die.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


@midwatch.replayable("pay", key=lambda number: number, lost_after_seconds=LOST_SECONDS)
def pay(number: int) -> None:
    if (HERE / "closed").exists():
        raise ConnectionError("the bank is closed")
    while (HERE / "wait").exists():
        time.sleep(0.02)
    die_at("before it is paid")
    with (HERE / "paid").open("a") as paid:
        paid.write(f"{number}\n")
    die_at("after it is paid")


def main() -> None:
    midwatch.init()
    midwatch.replay_store(engine=create_engine(os.environ["STORE"]))
    tell = channel.tell_outcome

    def told(*outcome: Any) -> None:
        die_at("before it is told")
        tell(*outcome)

    vars(channel)["tell_outcome"] = told
    for number in range(int(os.environ.get("RUNS", "0"))):
        with suppress(ConnectionError):
            pay(number)
    (HERE / "ready").touch()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
