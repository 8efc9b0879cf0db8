"""WSGI (PEP 3333): Flask, Django, Bottle, anything that is served by gunicorn."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from midwatch.sdk.guard import guarded
from midwatch.sdk.integrations.wsgi_slots import slots_of
from midwatch.sdk.propagation import NAMES
from midwatch.sdk.sse_streams import is_stream
from midwatch.sdk.web import Exchange, WebServer
from midwatch.sdk.workers import Worker

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_CARRIED = {f"HTTP_{name.upper().replace('-', '_')}": name for name in NAMES}
_SEEN = "midwatch.exchange"

_worker = Worker("wsgi")


class WsgiMiddleware:
    """Around the whole app; the request lasts until the server has taken the last of its body."""

    def __init__(self, app: App, *, server: WebServer) -> None:
        self._app = app
        self._server = server

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        read = None if _SEEN in environ else _read(environ, self._server.quiet)
        exchange = self._server.begin(*read) if read else None
        if exchange is None:
            return self._app(environ, start_response)
        answer = environ[_SEEN] = Answer(self._server, exchange)
        if not _worker.begin():
            _tell_slots(environ)

        def started(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            answer.status = status
            told = [*headers, *exchange.arrived.echo]
            write = start_response(status, told, exc_info) if exc_info else start_response(status, told)
            if status[:1] == "2" and any(
                name.lower() == "content-type" and is_stream(value) for name, value in headers
            ):
                self._server.stream(exchange, int(status[:3]), answer.route)
            return write

        try:
            body = self._app(environ, started)
        except BaseException as error:
            answer.error = error
            answer.end()
            raise
        answer.body = body
        return answer


class Answer:
    """The body, with the request's context in force while it is made."""

    def __init__(self, server: WebServer, exchange: Exchange) -> None:
        self._server = server
        self._exchange = exchange
        self.body: Iterable[bytes] = ()
        self.status = ""
        self.route = ""
        self.error: BaseException | None = None
        """What the app raised, also where the framework made an answer of it."""
        self._complete = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self.body:
                if self._exchange.stream is not None:
                    self._exchange.stream.sent += bool(piece)
                yield piece
            self._complete = True
        except GeneratorExit:
            raise
        except BaseException as error:
            self.error = error
            raise

    def close(self) -> None:
        """The server calls it when it is done with the answer, however that came."""
        try:
            close = getattr(self.body, "close", None)
            if close is not None:
                close()
        finally:
            self.end()

    def end(self) -> None:
        code = self.status[:3]
        status = int(code) if code.isdigit() else 500
        error = self.error if status >= 500 or not self._complete else None
        if error is not None and status < 500:
            status = 500
        gone = not self._complete and error is None
        self._server.finish(self._exchange, status, self.route, error, client_gone=gone)
        self._server.leave(self._exchange)
        _worker.end()


def answer_of(environ: Environ) -> Answer | None:
    """The answer that is being made to this request; None where nothing is told of it."""
    found = environ.get(_SEEN)
    return found if isinstance(found, Answer) else None


@guarded
def _tell_slots(environ: Environ) -> None:
    _worker.slots(slots_of(environ))


@guarded
def _read(environ: Environ, quiet: frozenset[str]) -> tuple[str, str, dict[str, str], dict[str, Any]] | None:
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    # PEP 3333: text of headers is latin-1, whatever its bytes mean.
    path = path.encode("latin-1").decode("utf-8", "replace")
    if path in quiet:
        return None
    carrier = {name: environ[key] for key, name in _CARRIED.items() if key in environ}
    attributes: dict[str, Any] = {"url.scheme": environ.get("wsgi.url_scheme", "http")}
    if agent := environ.get("HTTP_USER_AGENT"):
        attributes["user_agent.original"] = agent
    if host := environ.get("HTTP_HOST") or environ.get("SERVER_NAME"):
        name, _, port = host.rpartition(":")
        attributes["server.address"] = name if name and port.isdigit() else host
        if name and port.isdigit():
            attributes["server.port"] = int(port)
    if client := environ.get("REMOTE_ADDR"):
        attributes["client.address"] = client
    attributes["network.protocol.version"] = environ.get("SERVER_PROTOCOL", "HTTP/1.1").partition("/")[2]
    if query := environ.get("QUERY_STRING"):
        attributes["url.query"] = query
    return environ.get("REQUEST_METHOD", ""), path, carrier, attributes
