"""A program whose surroundings are against it; how is its argument. What it prints last says how it went."""

import os
import signal
import sys
import time
from typing import Any

import midwatch

SECONDS = 3.0
PROMISE = "went on"


def tell(count: int, size: int = 1000) -> None:
    log = midwatch.get_logger("hindered")
    for number in range(count):
        log.info("told", number=number, text="x" * size)


def went_on() -> None:
    with open(sys.argv[2], "w") as file:
        file.write(PROMISE)


def stdout_not_read() -> None:
    """More than the pipe and memory hold."""
    began = time.monotonic()
    tell(8000)
    assert time.monotonic() - began < 20
    went_on()


def stdout_closed() -> None:
    os.close(1)
    tell(10)
    went_on()


def stderr_not_read() -> None:
    """What the SDK says about itself has nowhere to go either."""
    os.set_blocking(2, False)
    try:
        while True:
            os.write(2, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(2, True)
    midwatch.counter("a_total").add(-1)
    tell(10)
    went_on()


def frozen() -> None:
    """A function that is called now and then, and stands still in between: it flushes before it returns."""
    while True:
        print("asked", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)
        with midwatch.work():
            tell(1)
            began = time.monotonic()
            taken = midwatch.flush(SECONDS)
        print("flushed", taken, time.monotonic() - began < SECONDS + 1, flush=True)


def until_stopped() -> None:
    tell(5)
    print("ready", flush=True)
    signal.pause()


def with_greenlets() -> None:
    """Patched first, as gevent asks for; the exporter's thread is a greenlet."""
    import gevent

    def work(number: int) -> None:
        with midwatch.job("greenlet", job_id=number):
            gevent.sleep(0.01)
            midwatch.get_logger().info("greenlet told", number=number)

    gevent.joinall([gevent.spawn(work, number) for number in range(20)], raise_error=True)
    beats = 0
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        gevent.sleep(0.01)
        beats += 1
    assert beats > 50, beats
    assert midwatch.flush()
    went_on()


if __name__ == "__main__":
    if sys.argv[1] == "with_greenlets":
        from gevent import monkey

        monkey.patch_all()
    midwatch.init()
    step: Any = globals()[sys.argv[1]]
    step()
