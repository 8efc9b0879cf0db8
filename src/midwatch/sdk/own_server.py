"""A small HTTP server of our own, in one thread, for processes that serve no HTTP."""

import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from midwatch.sdk import forks
from midwatch.sdk.guard import Guard
from midwatch.sdk.pages import HEADERS, Asked, Pages
from midwatch.sdk.problems import PROBLEMS

REQUEST_SECONDS = 5.0
_guard = Guard("pages", PROBLEMS)
_open: "set[OwnServer]" = set()
"""Kept here where nobody else does."""


class OwnServer:
    """Answers until `close()`."""

    def __init__(self, server: ThreadingHTTPServer | None) -> None:
        self._server = server
        self.port: int = server.server_address[1] if server else 0
        """0 where it could not listen."""
        forks.in_child(self._forked)

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            _open.discard(self)

    def _forked(self) -> None:
        """The child keeps no port open that only its parent answers at."""
        if self._server is not None:
            self._server.socket.close()
            self._server = None


def serve(pages: Sequence[Pages], port: int, host: str, what: str) -> OwnServer:
    """Answer these pages at this port; `what` they are is said where none can listen there."""
    try:
        server = ThreadingHTTPServer((host, port), _handler(pages))
    except (OSError, OverflowError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        PROBLEMS.say(f"cannot listen at {host}:{port} for {what}: {cause}; going on without")
        return OwnServer(None)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="midwatch-pages", daemon=True).start()
    for one in pages:
        one.opened()
    made = OwnServer(server)
    _open.add(made)
    return made


def _handler(pages: Sequence[Pages]) -> type[BaseHTTPRequestHandler]:
    known = [path for one in pages for path in sorted(one.paths)]

    class Handler(BaseHTTPRequestHandler):
        timeout = REQUEST_SECONDS

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            page = next((one for one in pages if path in one.paths), None)
            if page is None:
                self.send_error(404, explain=f"expected {', '.join(known)}")
                return
            headers = {name: value for name in HEADERS if (value := self.headers.get(name)) is not None}
            answer = page.reply(Asked(path, headers))
            # Who has asked may be gone.
            with _guard:
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(answer.body)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            return

    return Handler
