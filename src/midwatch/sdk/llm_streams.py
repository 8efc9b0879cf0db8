"""Answers of language models that are still to be read: the call lasts until the last piece, or until it is dropped."""

from collections.abc import Callable
from types import TracebackType
from typing import Any
from weakref import ref

from midwatch.sdk.guard import guarded
from midwatch.sdk.llm_calls import LlmCall

Read = Callable[[LlmCall, Any], None]
"""Takes what an answer, or a piece of it, says of the call."""


class Ending:
    """Ends a call with its response: when it was read, closed before, or dropped."""

    def __init__(self, response: Any, call: LlmCall) -> None:
        # No reference: a response that is dropped is not to wait for the garbage collector.
        self._response = ref(response)
        self._class = type(response)
        self._call = call
        self.is_asked = False
        """Whether it is being read: it may be closed by then, and the outcome is still to come."""
        response.close, response.aclose = self._close, self._aclose

    def read_as_a_whole(self, read: Read) -> None:
        """What the app reads of it is JSON that says what there is to say of the call."""
        response = self._response()
        self._read = guarded(read)
        if response is not None:
            response.read, response.aread = self._read_body, self._read_body_in_async

    def __enter__(self) -> None:
        """While it is asked for what comes next."""
        self.is_asked = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            self._call.end(None if isinstance(error, StopIteration | StopAsyncIteration) else error)
        self.is_asked = False

    def __del__(self) -> None:
        self._call.drop()

    def _over(self) -> None:
        if not self.is_asked:
            self._call.end()

    def _close(self) -> None:
        self._over()
        if (response := self._response()) is not None:
            self._class.close(response)

    async def _aclose(self) -> None:
        self._over()
        if (response := self._response()) is not None:
            await self._class.aclose(response)

    def _read_body(self) -> Any:
        with self:
            body = self._class.read(self._response())
        self._was_read()
        return body

    async def _read_body_in_async(self) -> Any:
        with self:
            body = await self._class.aread(self._response())
        self._was_read()
        return body

    @guarded
    def _was_read(self) -> None:
        response = self._response()
        if response is not None and "json" in response.headers.get("content-type", ""):
            self._read(self._call, response.json())
        self._call.end()


class Pieces:
    """In the place of a stream's own iterator: hands on what it gives, and ends the call with it."""

    def __init__(self, inner: Any, ending: Ending, call: LlmCall, read: Read) -> None:
        self._inner = inner
        self._ending = ending
        self._call = call
        self._read = guarded(read)

    def __iter__(self) -> "Pieces":
        return self

    def __next__(self) -> Any:
        with self._ending:
            piece = next(self._inner)
        return self._taken(piece)

    def __aiter__(self) -> "Pieces":
        return self

    async def __anext__(self) -> Any:
        with self._ending:
            piece = await anext(self._inner)
        return self._taken(piece)

    def _taken(self, piece: Any) -> Any:
        self._call.first_chunk()
        self._read(self._call, piece)
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def follow(stream: Any, call: LlmCall, read: Read) -> None:
    """Let the call end with the stream (of openai or anthropic), or where its response is closed before."""
    stream._iterator = Pieces(stream._iterator, Ending(stream.response, call), call, read)
