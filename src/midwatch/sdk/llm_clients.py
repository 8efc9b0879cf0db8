"""Clients of the openai and anthropic libraries, which have one inner shape: each call of a model is told once.

Their `request` does all: it tries again, and gives an answer, a stream, or a response that is still to be read.
"""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import isawaitable
from types import ModuleType
from typing import Any, Protocol

from midwatch.sdk import httpx_clients, retries
from midwatch.sdk.guard import guarded
from midwatch.sdk.llm_calls import LlmCall
from midwatch.sdk.llm_failures import VALID, json_failure_of
from midwatch.sdk.llm_streams import Ending, follow

_DONE = "_midwatch"
_INNER = "_client"
"""Their attribute for the HTTP client that they send with."""
COPIES = ("copy", "with_options")


class Library(Protocol):
    """What there is to know of one of them."""

    def begin(self, client: Any, options: Any, *, stream: bool) -> LlmCall | None:
        """None for a request that asks no model."""
        ...

    def answered(self, call: LlmCall, answer: Any) -> None:
        """Take what an answer says of the call: an object of the library's, or what its JSON says."""
        ...

    def came(self, call: LlmCall, piece: Any) -> None:
        """The same of a piece of a stream."""
        ...

    def is_stream(self, result: Any) -> bool: ...


def instrument(target: Any, base: Any, library: Library) -> None:
    """All clients where `target` is the library's module, else one client; twice is once.

    `base`: its module of the classes that all of its clients are made of.
    """
    if isinstance(target, ModuleType):
        _observe(base.SyncAPIClient, library, in_async=False)
        _observe(base.AsyncAPIClient, library, in_async=True)
    else:
        _observe_one(target, library, in_async=isinstance(target, base.AsyncAPIClient))


def _observe_one(client: Any, library: Library, *, in_async: bool) -> None:
    """And what `with_options` makes of it."""
    if not _observe(client, library, in_async=in_async):
        return

    def of(copy: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(copy)
        def observed(*args: Any, **kwargs: Any) -> Any:
            made = copy(*args, **kwargs)
            guarded(_observe_one)(made, library, in_async=in_async)
            return made

        return observed

    for name in COPIES:
        setattr(client, name, of(getattr(client, name)))


def _observe(owner: Any, library: Library, *, in_async: bool) -> bool:
    """A class of clients, or one client; False where it is observed already."""
    request = owner.request
    if hasattr(request, _DONE):
        return False
    observed = _observed_in_async(request, owner, library) if in_async else _observed(request, owner, library)
    setattr(observed, _DONE, True)
    owner.request = observed
    return True


def begin(
    client: Any,
    provider: str,
    operation: str,
    body: dict[str, Any],
    attributes: dict[str, Any],
    *,
    stream: bool,
    wants_json: bool,
) -> LlmCall:
    """A call with that body, of which `attributes` are what else may be told."""
    if stream:
        attributes["gen_ai.request.stream"] = True
    if wants_json:
        attributes["gen_ai.output.type"] = "json"
    url = client.base_url
    call = LlmCall(
        provider,
        str(body.get("model") or ""),
        operation,
        address=url.host,
        port=url.port or (443 if url.scheme == "https" else 80),
        told_as_a_whole=True,
        attributes=attributes,
    )
    call.wants_json = wants_json
    return call


def numbers(body: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The numbers among the body's fields, by the attributes' names."""
    return {name: body[key] for key, name in names.items() if isinstance(body.get(key), int | float)}


def field(value: Any, name: str) -> Any:
    """Of an object of the library's, or of what its JSON says; None where there is none."""
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _observed(request: Callable[..., Any], owner: Any, library: Library) -> Callable[..., Any]:
    @wraps(request)
    def observed(*args: Any, **kwargs: Any) -> Any:
        call = _begin(owner, library, args, kwargs)
        if call is None:
            return request(*args, **kwargs)
        tokens = call.enter()
        try:
            result = request(*args, **kwargs)
        except BaseException as error:
            call.end(error)
            raise
        finally:
            call.leave(tokens)
        _finish(library, call, result)
        return result

    return observed


def _observed_in_async(request: Callable[..., Any], owner: Any, library: Library) -> Callable[..., Any]:
    @wraps(request)
    async def observed(*args: Any, **kwargs: Any) -> Any:
        call = _begin(owner, library, args, kwargs)
        if call is None:
            return await request(*args, **kwargs)
        tokens = call.enter()
        try:
            result = await request(*args, **kwargs)
        except BaseException as error:
            call.end(error)
            raise
        finally:
            call.leave(tokens)
        _finish(library, call, result)
        return result

    return observed


@guarded
def _begin(owner: Any, library: Library, args: tuple[Any, ...], kwargs: dict[str, Any]) -> LlmCall | None:
    client, rest = (args[0], args[1:]) if isinstance(owner, type) else (owner, args)
    options = kwargs["options"] if "options" in kwargs else rest[1]
    _observe_inner(client, all_of_them=client is not owner)
    call = library.begin(client, options, stream=bool(kwargs.get("stream")))
    parse = getattr(options, "post_parser", None)
    if call is not None and callable(parse):
        options.post_parser = _parsing(parse, library, call)
    return call


@guarded
def _observe_inner(client: Any, *, all_of_them: bool) -> None:
    """Its requests are attempts of the call, and their answers say what the API still allows."""
    inner = getattr(client, _INNER)
    if hasattr(getattr(inner, httpx_clients.SEND), _DONE):
        return
    for package in {kind.__module__.partition(".")[0] for kind in type(inner).__mro__}:
        if package in ("httpx", "httpx2"):
            logging.getLogger(package).addFilter(_is_not_of_a_call)
    # The library's own class is that of its clients alone; an HTTP client of the app's is used for other things, too.
    of_the_library = type(inner).__module__.partition(".")[0] in ("openai", "anthropic")
    owner = type(inner) if all_of_them and of_the_library else inner
    if hasattr(inner, "aclose"):
        httpx_clients.observe_in_async(owner)
    else:
        httpx_clients.observe(owner)


def _is_not_of_a_call(_: logging.LogRecord) -> bool:
    """The line of each request says less than ours of the call."""
    attempts = retries.at_hand()
    return attempts is None or not attempts.told_at


def _parsing(parse: Callable[[Any], Any], library: Library, call: LlmCall) -> Callable[[Any], Any]:
    """Where the library makes objects of the answer's JSON: what it took is known, also where that fails."""

    @wraps(parse)
    def observed(answer: Any) -> Any:
        guarded(library.answered)(call, answer)
        try:
            parsed = parse(answer)
        except Exception as error:
            if call.wants_json and (reason := guarded(json_failure_of)(error)):
                call.json_result(reason)
            raise
        if call.wants_json:
            call.json_result(VALID)
        return parsed

    return observed


@guarded
def _finish(library: Library, call: LlmCall, result: Any) -> None:
    try:
        _go_on(library, call, result)
    except BaseException:
        call.end()
        raise


def _go_on(library: Library, call: LlmCall, result: Any) -> None:
    if library.is_stream(result):
        follow(result, call, library.came)
    elif callable(getattr(result, "parse", None)) and hasattr(result, "http_response"):
        _finish_raw(library, call, result)
    else:
        library.answered(call, result)
        call.end()


def _finish_raw(library: Library, call: LlmCall, result: Any) -> None:
    """`with_raw_response`, `with_streaming_response`: the app reads it, or has it read, when it likes."""
    response = result.http_response
    if response.is_closed:
        library.answered(call, response.json())
        call.end()
        return
    parse = result.parse

    @wraps(parse)
    def observed(*args: Any, **kwargs: Any) -> Any:
        parsed = parse(*args, **kwargs)
        return _awaited(library, call, parsed) if isawaitable(parsed) else _parsed(library, call, parsed)

    result.parse = observed
    Ending(response, call).read_as_a_whole(library.answered)


def _parsed(library: Library, call: LlmCall, parsed: Any) -> Any:
    _finish(library, call, parsed)
    return parsed


async def _awaited(library: Library, call: LlmCall, parsed: Any) -> Any:
    return _parsed(library, call, await parsed)
