"""A function that runs inside a context of ours, be it a coroutine function or not."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
Enter = Callable[[tuple[Any, ...], Mapping[str, Any]], AbstractContextManager[Any]]


def around(function: F, enter: Enter) -> F:
    """Each call inside what `enter` makes of its arguments; names, docstring and signature are the function's.

    Raises TypeError for a generator function: its call is over before its body begins.
    """
    if isgeneratorfunction(function) or isasyncgenfunction(function):
        raise TypeError(f"cannot time the generator {function.__qualname__}: expected a function; use `with` inside it")
    wrapped: Any
    if iscoroutinefunction(function):

        @wraps(function)
        async def wrapped(*positional: Any, **named: Any) -> Any:
            with enter(positional, named):
                return await function(*positional, **named)
    else:

        @wraps(function)
        def wrapped(*positional: Any, **named: Any) -> Any:
            with enter(positional, named):
                return function(*positional, **named)

    return wrapped  # type: ignore[no-any-return]
