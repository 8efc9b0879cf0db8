"""What is told of values of any type."""

from typing import Any

LEFT_OUT: Any = object()
"""Stands for a value of which nothing is sent, not even that it was there."""
SAID = "__midwatch_said__"
"""An attribute of exceptions whose own text is private: what is told instead."""


def safe_text(value: Any) -> str:
    """`str(value)`, also of objects whose `__str__` fails; of an exception, what may be told of it."""
    try:
        return str(getattr(value, SAID, value) if isinstance(value, BaseException) else value)
    except Exception:
        return f"<{type(value).__name__} that has no text>"
