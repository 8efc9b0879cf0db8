"""A program that ends in one of the ways in which programs end; which one is its argument."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from typing import Any

import midwatch

log = midwatch.get_logger("ending")


def forever() -> None:
    print("ready", flush=True)
    while True:
        signal.pause()


def by_itself() -> None:
    log.info("last words")


def with_error() -> None:
    log.info("last words")
    raise RuntimeError("as it happens")


def with_a_thread() -> None:
    """That goes on after the main one has ended."""

    def later() -> None:
        threading.main_thread().join()
        log.info("last words")

    threading.Thread(target=later).start()


def by_sigterm() -> None:
    log.info("last words")
    forever()


def by_sigterm_with_own_handler() -> None:
    """Set before `init`; it leaves as Python programs do."""
    log.info("last words")
    forever()


def by_sigterm_with_later_handler() -> None:
    def leave(*_: Any) -> None:
        log.info("last words")
        sys.exit(3)

    signal.signal(signal.SIGTERM, leave)
    forever()


def by_sigterm_inside_a_lock() -> None:
    """It comes while the main thread tells something, over and over."""
    print("ready", flush=True)
    while True:
        midwatch.counter("told").add()
        log.info("told")


def forked() -> None:
    log.info("parent before")
    if os.fork() == 0:
        log.info("child")
        sys.exit(0)
    os.wait()
    log.info("parent after")


def forked_at_once() -> None:
    """The child ends without Python's end, as some servers' do, and flushes by hand."""
    log.info("parent before")
    if os.fork() == 0:
        log.info("child")
        os._exit(0 if midwatch.flush() else 1)
    assert os.wait()[1] == 0
    log.info("parent after")


def forked_while_busy() -> None:
    """Threads tell and measure while others fork: no child finds a lock taken for ever."""
    ended = threading.Event()

    def tell() -> None:
        while not ended.is_set():
            with midwatch.job("busy"):
                midwatch.counter("busy_total", "", ("a",)).add(a="b")
            midwatch.capture_exception(ValueError("busy"))
            midwatch.alarm("busy", time.time() + 1000).cancel()

    threads = [threading.Thread(target=tell) for _ in range(3)]
    for one in threads:
        one.start()
    for _ in range(30):
        if os.fork() == 0:
            with midwatch.job("child's"):
                midwatch.counter("busy_total", "", ("a",)).add(a="b")
            midwatch.capture_exception(ValueError("child's"))
            midwatch.alarm("busy", time.time() + 1000).cancel()
            log.info("child")
            midwatch.shutdown()
            os._exit(0)
        time.sleep(0.01)
    for _ in range(30):
        assert os.wait()[1] == 0
    ended.set()
    for one in threads:
        one.join()


def say(number: int) -> int:
    log.info("child")
    return number


def in_a_process(method: str) -> None:
    log.info("parent before")
    context: Any = multiprocessing.get_context(method)
    child = context.Process(target=say, args=(1,))
    child.start()
    child.join()
    assert child.exitcode == 0
    log.info("parent after")


def in_a_pool(method: str) -> None:
    log.info("parent before")
    context: Any = multiprocessing.get_context(method)
    with context.Pool(1) as pool:
        pool.map(say, [1])
        pool.close()
        pool.join()
    log.info("parent after")


if __name__ in ("__main__", "__mp_main__"):
    if "by_sigterm_with_own_handler" in sys.argv:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
    midwatch.init(log_level="debug")

if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
