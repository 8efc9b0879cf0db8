"""The running server's API, as the verbs call it: answers are JSON, errors are one line with the next step."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx

from midwatch._version import __version__
from midwatch.cli.failure import Failure
from midwatch.cli.target import Target

SECONDS_MAX = 30.0


_ID = re.compile(r"[0-9a-f-]{8,64}")


def known_id(value: str, listing: str) -> str:
    """The id as it stands in a path.

    Raises Failure that names the verb which lists ids.
    """
    if not _ID.fullmatch(value):
        raise Failure(f"{value}: expected an id, as `midwatch {listing} list` shows them")
    return value


class Api:
    """One server. Every method raises Failure and nothing else of its own."""

    def __init__(self, target: Target) -> None:
        self._target = target
        try:
            self._client = httpx.Client(
                base_url=target.url,
                headers={"authorization": f"Bearer {target.token}", "user-agent": f"midwatch-cli/{__version__}"},
                timeout=SECONDS_MAX,
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Failure(f"url={target.url}: expected a URL such as http://127.0.0.1:4400 ({error})") from None

    def get(self, path: str, **params: Any) -> Any:
        return self._call("GET", path, params={name: value for name, value in params.items() if value is not None})

    def text(self, path: str, **params: Any) -> str:
        """What is no JSON."""
        answer = self._send("GET", path, params={name: value for name, value in params.items() if value is not None})
        if answer.is_error:
            raise self._refused(answer)
        return answer.text

    def post(self, path: str, body: Any = None, *, seconds: float = SECONDS_MAX) -> Any:
        return self._call("POST", path, json=body, timeout=seconds)

    def patch(self, path: str, body: Any) -> Any:
        return self._call("PATCH", path, json=body)

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path)

    def ready(self) -> dict[str, Any]:
        """`/ready`, which answers with the same shape when it is not."""
        answer = self._send("GET", "/ready")
        if answer.status_code not in (200, 503):
            raise self._refused(answer)
        return dict(self._json(answer))

    def events(self, path: str, **params: Any) -> Iterator[tuple[str, Any]]:
        """Server-sent events as (event, data), until the server ends them."""
        try:
            with self._client.stream(
                "GET", path, params=params, timeout=httpx.Timeout(SECONDS_MAX, read=None)
            ) as answer:
                if answer.is_error:
                    answer.read()
                    raise self._refused(answer)
                event = "message"
                for line in answer.iter_lines():
                    if line.startswith("event:"):
                        event = line[6:].strip()
                    elif line.startswith("data:"):
                        yield event, json.loads(line[5:])
                        event = "message"
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def download(self, path: str, **params: Any) -> Iterator[bytes]:
        """A file, part by part, however long it takes."""
        try:
            timeout = httpx.Timeout(SECONDS_MAX, read=None)
            with self._client.stream("GET", path, params=params, timeout=timeout) as answer:
                if answer.is_error:
                    answer.read()
                    raise self._refused(answer)
                yield from answer.iter_bytes()
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def lines(self, path: str, body: Any) -> Iterator[Any]:
        """The lines of JSON that a POST answers, as they come."""
        try:
            timeout = httpx.Timeout(SECONDS_MAX, read=None)
            with self._client.stream("POST", path, json=body, timeout=timeout) as answer:
                if answer.is_error:
                    answer.read()
                    raise self._refused(answer)
                for line in answer.iter_lines():
                    if line:
                        yield json.loads(line)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def _call(self, method: str, path: str, **options: Any) -> Any:
        answer = self._send(method, path, **options)
        if answer.is_error:
            raise self._refused(answer)
        return self._json(answer) if answer.content else None

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Failure(f"url={self._target.url}: expected a URL such as http://127.0.0.1:4400 ({error})") from None

    def _json(self, answer: httpx.Response) -> Any:
        try:
            return answer.json()
        except ValueError:
            raise Failure(f"{self._target.url} does not answer as Midwatch does: is the address right?") from None

    def _unreachable(self, error: httpx.HTTPError) -> Failure:
        where = f"{self._target.url} (from {self._target.found_in})"
        if isinstance(error, httpx.TimeoutException):
            return Failure(f"no answer from {where} within {SECONDS_MAX:g} s: it hangs or is busy; see its log")
        if isinstance(error, httpx.ConnectError):
            return Failure(f"cannot reach {where}: is it running? Start it with `midwatch up`, or give --url")
        if isinstance(error, httpx.UnsupportedProtocol):
            return Failure(f"url={self._target.url}: expected a URL such as http://127.0.0.1:4400")
        return Failure(f"cannot talk to {where}: {error or type(error).__name__}; is it the port of page and API?")

    def _refused(self, answer: httpx.Response) -> Failure:
        try:
            problem = answer.json()
            message = str(problem["error"])
        except (ValueError, KeyError, TypeError):
            return Failure(f"{self._target.url} answered {answer.status_code}: is the address right?")
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            hint = "give a good one with --token or MIDWATCH_API_TOKEN, or --data DIR for the server on this machine"
            return Failure(f"the token is not taken: {message}; {hint}")
        if answer.status_code == httpx.codes.FORBIDDEN:
            hint = "; use a token of that role (`midwatch tokens create --role …`)" if "the role" in message else ""
            return Failure(f"not allowed: {message}{hint}")
        return Failure(message)
