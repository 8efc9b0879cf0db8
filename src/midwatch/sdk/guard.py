"""Our own failures end here: what the app asked for goes on, and the failure is counted."""

from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import ParamSpec, TypeVar

from midwatch.sdk.problems import PROBLEMS, Problems

P = ParamSpec("P")
T = TypeVar("T")

FAILED = "failed"
HOOKS = "observations"


class Guard:
    """`with guard:` around what we do beside the app's own work. Kept and used again, from any thread.

    Never around the app's own code: its exceptions are its own.
    """

    __slots__ = ("_problems", "_what")

    def __init__(self, what: str, problems: Problems) -> None:
        """`what` is counted as lost where we fail, such as `errors`."""
        self._what = what
        self._problems = problems

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self._problems.failed(self._what, FAILED, error)
        return True


def guarded(hook: Callable[P, T]) -> Callable[P, T | None]:
    """The hook; where it fails, that is counted and the caller gets None."""
    name = hook.__qualname__

    @wraps(hook)
    def call(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return hook(*args, **kwargs)
        except Exception as error:
            PROBLEMS.failed(HOOKS, name, error)
            return None

    return call
