"""Answers of language models that are still to be read: the call lasts until the last piece, or until it is dropped."""

from collections.abc import Callable
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
        self.is_asked = True
        try:
            body = self._class.read(self._response())
        except BaseException as error:
            self._call.end(error)
            raise
        finally:
            self.is_asked = False
        self._was_read()
        return body

    async def _read_body_in_async(self) -> Any:
        self.is_asked = True
        try:
            body = await self._class.aread(self._response())
        except BaseException as error:
            self._call.end(error)
            raise
        finally:
            self.is_asked = False
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
        self._ending.is_asked = True
        try:
            piece = next(self._inner)
        except StopIteration:
            self._call.end()
            raise
        except BaseException as error:
            self._call.end(error)
            raise
        finally:
            self._ending.is_asked = False
        self._call.first_chunk()
        self._read(self._call, piece)
        return piece

    def __aiter__(self) -> "Pieces":
        return self

    async def __anext__(self) -> Any:
        self._ending.is_asked = True
        try:
            piece = await anext(self._inner)
        except StopAsyncIteration:
            self._call.end()
            raise
        except BaseException as error:
            self._call.end(error)
            raise
        finally:
            self._ending.is_asked = False
        self._call.first_chunk()
        self._read(self._call, piece)
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def follow(stream: Any, call: LlmCall, read: Read) -> None:
    """Let the call end with the stream (of openai or anthropic), or where its response is closed before."""
    stream._iterator = Pieces(stream._iterator, Ending(stream.response, call), call, read)
