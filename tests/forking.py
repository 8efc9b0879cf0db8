"""`python -m midwatch` without the wait for its imports, which are most of what a start costs.

A process that has imported the server forks once for each start; the child gets its own arguments, environment,
directory and output, and then runs the main module as `python -m` does. It speaks JSON lines: orders come in, pids and
exit codes go out. Starts from nothing are those of tests/integration/cli and of the commands.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parents[1]
FORK_SECONDS_MAX = 120.0
"""The first one waits for the imports, on a busy machine without bytecode."""
END_SECONDS_MAX = 10.0


class Forked:
    """A child, as `subprocess.Popen` has them."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = threading.Event()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired("midwatch", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def end(self, code: int) -> None:
        self.returncode = code
        self._ended.set()


class Forker:
    """The process that forks, started with the first order; it ends with ours."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started: dict[int, Forked] = {}
        self._newest: Forked | None = None
        self._answered = threading.Condition()
        self._one_at_a_time = threading.Lock()

    def start(self, module: str, arguments: Sequence[str], environment: Mapping[str, str], output: Path) -> Forked:
        """`python -m` with these, here; what it says is appended to a file."""
        order = {"module": module, "arguments": arguments, "environment": dict(environment)}
        order |= {"output": str(output.absolute()), "directory": str(Path.cwd())}
        with self._one_at_a_time, self._answered:
            if self._process is None:
                command = [sys.executable, "-m", "tests.forking"]
                self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
                threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
                atexit.register(self._end, self._process)
            assert self._process.stdin is not None
            self._newest = None
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            self._answered.wait_for(lambda: self._newest, FORK_SECONDS_MAX)
            assert self._newest is not None, "nothing was forked"
            return self._newest

    @staticmethod
    def _end(process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(END_SECONDS_MAX)

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            with self._answered:
                if "code" in told:
                    self._started.pop(told["pid"]).end(told["code"])
                else:
                    self._newest = self._started[told["pid"]] = Forked(told["pid"])
                    self._answered.notify_all()


FORKER = Forker()


def main() -> None:
    """The process that forks. One thread, so that what is forked is whole."""
    gc.disable()
    import midwatch.cli.verbs.up
    import midwatch.server.run  # noqa: F401

    gc.enable()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    woken, wake = os.pipe2(os.O_NONBLOCK)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    waiting = select.poll()
    for source in (0, woken):
        waiting.register(source, select.POLLIN | select.POLLHUP)
    orders = b""
    alive: set[int] = set()
    while True:
        ready = {source for source, _ in waiting.poll()}
        if woken in ready:
            os.read(woken, 1 << 10)
            _tell_ended(alive)
        if 0 in ready:
            if not (read := os.read(0, 1 << 16)):
                for left in alive:  # of tests that could not stop them
                    os.kill(left, signal.SIGTERM)
                return
            *whole, orders = (orders + read).split(b"\n")
            for order in whole:
                if pid := os.fork():
                    alive.add(pid)
                    _tell(pid=pid)
                else:
                    os.close(woken)
                    _become(**json.loads(order))


def _tell_ended(alive: set[int]) -> None:
    try:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            alive.discard(ended[0])
            _tell(pid=ended[0], code=os.waitstatus_to_exitcode(ended[1]))
    except ChildProcessError:
        pass


def _tell(**told: int) -> None:
    os.write(1, json.dumps(told).encode() + b"\n")


def _become(module: str, arguments: list[str], environment: dict[str, str], output: str, directory: str) -> NoReturn:
    """Whatever ends the main module ends the interpreter, as it would otherwise."""
    os.close(signal.set_wakeup_fd(-1))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for opened, standard in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(opened, standard)
    os.close(nothing)
    os.close(written)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    main()
