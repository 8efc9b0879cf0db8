"""The official JavaScript client of Socket.IO in a process of its own, led line by line."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools import npm

from tests.eventually import eventually

FOLDER = Path(__file__).parents[1] / "clients" / "node"
Happening = dict[str, Any]


class Browser:
    """As a page has it: several sockets by name."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.happened: list[Happening] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.happened.append(json.loads(line))

    def do(self, act: str, name: str = "one", **more: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": act, "name": name, **more}) + "\n")
        self._process.stdin.flush()

    def told(self, on: str, name: str = "one", **more: Any) -> list[Happening]:
        wanted = {"name": name, "on": on, **more}
        return [one for one in self.happened if wanted.items() <= one.items()]

    def connect(self, url: str, name: str = "one", **more: Any) -> str:
        """The sid."""
        self.do("connect", name, url=url, **more)
        return str(eventually(lambda: self.told("connect", name))[-1]["sid"])

    def ask(self, event: str, *args: Any, name: str = "one") -> Any:
        """What the server acknowledges with."""
        before = len(self.told("ack", name, event=event))
        self.do("emit", name, event=event, args=args)
        return eventually(lambda: self.told("ack", name, event=event)[before:])[0].get("answer")


@contextmanager
def browser() -> Iterator[Browser]:
    environment = npm.node_environment()
    npm.install_packages(FOLDER, environment)
    node = shutil.which("node", path=environment["PATH"])
    assert node is not None
    with subprocess.Popen(
        [node, str(FOLDER / "socketio.mjs")],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Browser(process)
        finally:
            process.kill()
