"""A program whose server is away and whose buffer is on a disk that fills up."""

import sys
import time
from pathlib import Path

import midwatch
from midwatch.sdk.buffer import UNWRITABLE
from midwatch.sdk.problems import PROBLEMS
from tests.eventually import eventually
from tests.faults.small_disk import KEPT

LINES, BYTES_EACH = 3000, 1000


def main(directory: Path) -> None:
    midwatch.init(service="shop", dsn="http://key@127.0.0.1:1", buffer=directory)
    log = midwatch.get_logger()
    began = time.monotonic()
    for number in range(LINES):
        log.info("told", number=number, text="x" * BYTES_EACH)
    assert time.monotonic() - began < 20
    eventually(lambda: PROBLEMS.counts().get(("buffer writes", UNWRITABLE)), seconds=40)
    midwatch.shutdown()
    assert PROBLEMS.counts()["logs", "unreachable"] > 0
    assert not list(directory.rglob("*.part"))
    print(f"\n{KEPT}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
