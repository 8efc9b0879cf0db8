"""python-socketio: `midwatch.instrument(sio)` for a server or a client, in asyncio or in threads.

Hooks are put on the object, where python-socketio's own admin interface puts them, too.
"""

from collections.abc import Generator, Iterable
from functools import wraps
from typing import Any

from socketio.base_client import BaseClient  # type: ignore[import-untyped]
from socketio.base_server import BaseServer  # type: ignore[import-untyped]

from midwatch.sdk.guard import guarded
from midwatch.sdk.integrations import socketio_client, socketio_server
from midwatch.sdk.integrations.socketio_deliveries import ACK_SECONDS
from midwatch.sdk.integrations.socketio_hooks import Hook, Hooked, Outcome
from midwatch.sdk.integrations.socketio_sessions import ClientOf
from midwatch.sdk.loggers import take_over_streams

_DONE = "_midwatch"
_LOGGERS = ("socketio.server", "socketio.client", "engineio.server", "engineio.client")


def instrument(target: Any, *, ack_seconds: float = ACK_SECONDS, client_of: ClientOf | None = None) -> None:
    """Tell of connections, events and deliveries.

    Args:
        target: A `Server`, `AsyncServer`, `Client` or `AsyncClient`.
        ack_seconds: How long an acknowledgement is waited for; `call` has its own time.
        client_of: Of `environ` and `auth`, what tells a client from others, so that one that comes back is known.
    """
    if hasattr(target, _DONE):
        return
    hooks: Iterable[Hooked]
    if isinstance(target, BaseServer):
        hooks = socketio_server.Told(target, ack_seconds, client_of).hooks()
    elif isinstance(target, BaseClient):
        hooks = socketio_client.Told(target, ack_seconds).hooks()
    else:
        raise TypeError(f"cannot instrument {target!r}: expected a Server, AsyncServer, Client or AsyncClient")
    setattr(target, _DONE, True)
    take_over_streams(_LOGGERS)
    for owner, name, hook in hooks:
        _put(owner, name, hook, in_async=target.is_asyncio_based())


def _put(owner: Any, name: str, hook: Hook, *, in_async: bool) -> None:
    call = getattr(owner, name)

    @wraps(call)
    def observed(*args: Any, **kwargs: Any) -> Any:
        begun = _begin(hook, args, kwargs)
        if begun is None:
            return call(*args, **kwargs)
        running, args, kwargs = begun
        try:
            result = call(*args, **kwargs)
        except BaseException as error:
            _end(running, None, error)
            raise
        _end(running, result, None)
        return result

    @wraps(call)
    async def observed_in_async(*args: Any, **kwargs: Any) -> Any:
        begun = _begin(hook, args, kwargs)
        if begun is None:
            return await call(*args, **kwargs)
        running, args, kwargs = begun
        try:
            result = await call(*args, **kwargs)
        except BaseException as error:
            _end(running, None, error)
            raise
        _end(running, result, None)
        return result

    setattr(owner, name, observed_in_async if in_async else observed)


_Begun = tuple[Generator[Any, Outcome, None], tuple[Any, ...], dict[str, Any]]


@guarded
def _begin(hook: Hook, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Begun | None:
    running = hook(args, kwargs)
    given = next(running, None)
    return None if given is None else (running, *given)


@guarded
def _end(running: Generator[Any, Outcome, None], result: Any, error: BaseException | None) -> None:
    try:
        running.send((result, error))
    except StopIteration:
        return
