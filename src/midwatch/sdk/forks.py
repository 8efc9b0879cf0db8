"""What must be made anew in the child of a fork: locks that another thread held, and what is the parent's to do."""

import os
from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

_before: list["WeakMethod[Callable[[], Any]]"] = []
_in_parent: list["WeakMethod[Callable[[], Any]]"] = []
_in_child: list["WeakMethod[Callable[[], Any]]"] = []


def in_child(method: Callable[[], Any]) -> None:
    """Call this bound method in the child of each fork, for as long as its object lives."""
    _add(_in_child, method)


def around(before: Callable[[], Any], after: Callable[[], Any]) -> None:
    """Call these bound methods before each fork, and after it in the parent."""
    _add(_before, before)
    _add(_in_parent, after)


def _add(to: list["WeakMethod[Callable[[], Any]]"], method: Callable[[], Any]) -> None:
    to[:] = [one for one in to if one() is not None]
    to.append(WeakMethod(method))


def _call(methods: list["WeakMethod[Callable[[], Any]]"]) -> None:
    for one in tuple(methods):
        method = one()
        if method is not None:
            method()


os.register_at_fork(
    before=lambda: _call(_before), after_in_parent=lambda: _call(_in_parent), after_in_child=lambda: _call(_in_child)
)
