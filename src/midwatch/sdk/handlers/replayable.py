"""`midwatch.replayable`: before a function or a Celery task, so that a failed run of it can be run again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction, unwrap
from typing import Any, TypeVar

from midwatch.contract.handlers import NAME_CHARACTERS_MAX
from midwatch.sdk.handlers import start
from midwatch.sdk.handlers.handler import Handler, Turn
from midwatch.sdk.handlers.payload import Arguments
from midwatch.sdk.handlers.registry import REGISTRY
from midwatch.sdk.options import ConfigurationError

F = TypeVar("F", bound=Callable[..., Any])
STUCK_AFTER_SECONDS = 600.0
LOST_AFTER_SECONDS = 60.0
LeftOut = Sequence[str] | Mapping[str, Callable[[], Any]]


def replayable(
    name: str,
    *,
    key: Callable[..., Any],
    private: Sequence[str] = (),
    left_out: LeftOut = (),
    via: Callable[..., Any] | None = None,
    replay_unknown: bool = False,
    stuck_after_seconds: float = STUCK_AFTER_SECONDS,
    lost_after_seconds: float = LOST_AFTER_SECONDS,
) -> Callable[[F], F]:
    """Before a function, a coroutine function or a Celery task: a run for a key that has finished is not run again.

    Runs are kept where `midwatch.replay_store` says. One that fails, that hangs, or whose process dies, is listed on
    the server, and can be replayed from there, in this app, with its arguments; not while it hangs in a process that
    lives, for it may finish yet.

    Args:
        name: Which handler, such as `sms.outbound`.
        key: What makes a run the same; called as the handler is, without what is left out:
            `lambda message: message.id`.
        private: Parameters that the app's store keeps as they are, though they are private; the server is told of none
            of them. For stores without a key; what is sealed is kept whole.
        left_out: Parameters that are not kept, such as a session: with what makes each anew for a replay.
        via: Puts a call into its queue, for handlers that workers run: `lambda order: queue.enqueue(ship, order)`.
            Of a Celery task, its own `apply_async`.
        replay_unknown: Whether it may be run again where its process died in the middle of it, and nobody can say
            whether it had finished. Else a person has to confirm that.
        stuck_after_seconds: How long a run may take at most: one that takes longer is stuck.
        lost_after_seconds: A run whose process has not said for so long that it lives was cut off.

    Raises:
        ConfigurationError: The name is another's, a parameter is not there, a time is none, or it cannot be called
            again.
    """
    if not 0 < len(name) <= NAME_CHARACTERS_MAX:
        raise ConfigurationError(f"replayable({name[:40]!r}): expected a name of 1 to {NAME_CHARACTERS_MAX} characters")
    for told, seconds in (("stuck_after_seconds", stuck_after_seconds), ("lost_after_seconds", lost_after_seconds)):
        if not seconds > 0:
            raise ConfigurationError(f"replayable({name!r}): {told}={seconds}: expected a number of seconds over 0")

    def decorate(target: F) -> F:
        is_task = hasattr(target, "apply_async") and hasattr(target, "run")
        task: Any = target
        function = task.run if is_task else target
        queue = via if via is not None or not is_task else _celery(task)
        provided = left_out if isinstance(left_out, Mapping) else {}
        if left_out and not provided and queue is None:
            raise ConfigurationError(
                f"replayable({name!r}): a replay needs {', '.join(left_out)}: say what makes it,"
                f" left_out={{{next(iter(left_out))!r}: make}}, or via= which puts it into its queue"
            )
        try:
            arguments = Arguments(function, tuple(left_out), private)
        except TypeError as error:
            raise ConfigurationError(f"replayable({name!r}): {error}") from None
        handler = Handler(
            name=name,
            function=function,
            arguments=arguments,
            key=key,
            provided=provided,
            via=queue,
            replay_unknown=replay_unknown,
            stuck_seconds=stuck_after_seconds,
            lease_seconds=lost_after_seconds,
            place=f"{function.__module__}.{function.__qualname__}",
            source=_source(function),
            is_async=iscoroutinefunction(function),
        )
        wrapped = _wrapped(handler)
        REGISTRY.add(handler)
        start.begin()
        if is_task:
            task.run = wrapped
            return target
        return wrapped  # type: ignore[no-any-return]

    return decorate


def _source(function: Callable[..., Any]) -> tuple[str, str]:
    """The same for a module that is run as a program and imported, too."""
    code = getattr(unwrap(function), "__code__", None)
    return getattr(code, "co_filename", ""), function.__qualname__


def _celery(task: Any) -> Callable[..., Any]:
    def again(*positional: Any, **named: Any) -> None:
        task.apply_async(args=positional, kwargs=named)

    return again


def _wrapped(handler: Handler) -> Any:
    """Raises TypeError for a generator function: its call is over before its body begins."""
    function = handler.function
    if isgeneratorfunction(function) or isasyncgenfunction(function):
        raise ConfigurationError(f"replayable({handler.name!r}): {handler.place} is a generator: expected a function")
    wrapped: Any
    if handler.is_async:

        @wraps(function)
        async def wrapped(*positional: Any, **named: Any) -> Any:
            handler.seen_in(asyncio.get_running_loop())
            # The store is asked in a thread: the loop has others to serve.
            claiming = asyncio.ensure_future(asyncio.to_thread(handler.begin, positional, named))
            try:
                turn = await asyncio.shield(claiming)
            except asyncio.CancelledError:
                claiming.add_done_callback(_never_began)
                raise
            if turn is None:
                return await function(*positional, **named)
            if turn.is_skipped:
                return turn.outcome
            try:
                returned = await function(*positional, **named)
            except Exception as error:
                await asyncio.shield(asyncio.to_thread(turn.end, error))
                raise
            except BaseException as error:
                # One that is cancelled may wait for nothing more.
                turn.end(error)
                raise
            await asyncio.shield(asyncio.to_thread(turn.end, None, returned))
            return returned
    else:

        @wraps(function)
        def wrapped(*positional: Any, **named: Any) -> Any:
            turn = handler.begin(positional, named)
            if turn is None:
                return function(*positional, **named)
            if turn.is_skipped:
                return turn.outcome
            try:
                returned = function(*positional, **named)
            except BaseException as error:
                turn.end(error)
                raise
            turn.end(None, returned)
            return returned

    return wrapped


def _never_began(claiming: "asyncio.Future[Turn | None]") -> None:
    """Whoever wanted the run is gone; what was claimed meanwhile must not run for ever."""
    if claiming.cancelled() or claiming.exception() is not None:
        return
    turn = claiming.result()
    if turn is not None and not turn.is_skipped:
        turn.end(asyncio.CancelledError())
