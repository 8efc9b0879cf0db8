"""Answers of language models that are to be JSON: read, and what is wrong with them counted, without their content."""

import json
import re
from collections.abc import Callable
from typing import Any

from midwatch.sdk.frames import WITHOUT_LOCALS
from midwatch.sdk.guard import guarded
from midwatch.sdk.llm_calls import LOGGER, LlmCall, last_call
from midwatch.sdk.llm_failures import EMPTY, SCHEMA, SYNTAX, TRUNCATED, VALID
from midwatch.sdk.llm_metrics import count_json
from midwatch.sdk.setup import in_force

_FENCE = re.compile(r"\s*```[A-Za-z]*\s*\n(.*?)\n?\s*```\s*", re.DOTALL)
"""Models wrap JSON in Markdown; that is no mistake of theirs that anybody minds."""


class InvalidLlmJson(ValueError):
    """The answer is not the JSON that was asked for. Says where and why, and quotes nothing of it.

    Catch it to ask again, or to fall back.
    """

    def __init__(self, reason: str, where: str) -> None:
        super().__init__(f"cannot read the model's JSON: {reason}{where}")
        self.reason = reason
        """`empty`, `syntax`, `truncated` or `schema`."""


setattr(InvalidLlmJson, WITHOUT_LOCALS, True)


def parse_llm_json(text: str | None, schema: Any = None, *, call: LlmCall | None = None) -> Any:
    """What the model's answer says, where it is JSON and fits; each answer is counted by what it was.

    A fence of Markdown around it is taken off.

    Args:
        text: The answer; None is an empty one.
        schema: A pydantic model or `TypeAdapter`, or a callable that gets what was read, gives what is wanted and
            raises for what does not fit.
        call: Whose answer it is; else the last call of the work at hand.

    Raises:
        InvalidLlmJson: It is empty, no JSON, cut off in the middle, or not what the schema says.
    """
    of = call or last_call()
    try:
        found = _fitting(_read(text or ""), schema)
    except InvalidLlmJson as error:
        _count(of, error.reason)
        raise
    _count(of, VALID)
    return found


@guarded
def _count(call: LlmCall | None, outcome: str) -> None:
    if call is not None:
        call.json_result(outcome)
        return
    count_json("", "", outcome)
    running = in_force()
    if running is not None and outcome != VALID:
        running.logs.emit("warning", "invalid LLM JSON", {"reason": outcome}, logger=LOGGER)


def _read(text: str) -> Any:
    fenced = _FENCE.fullmatch(text)
    inner = (fenced[1] if fenced else text).strip()
    if not inner:
        raise InvalidLlmJson(EMPTY, "")
    try:
        return json.loads(inner)
    except json.JSONDecodeError as error:
        # What is missing is missing at the end, and strings that are never closed are told from where they begin.
        cut = error.pos >= len(inner) or error.msg.startswith("Unterminated string")
        raise InvalidLlmJson(TRUNCATED if cut else SYNTAX, f" at character {error.pos} of {len(inner)}") from None
    except (ValueError, RecursionError):
        raise InvalidLlmJson(SYNTAX, "") from None


def _fitting(found: Any, schema: Any) -> Any:
    if schema is None:
        return found
    fit: Callable[[Any], Any] = (
        getattr(schema, "model_validate", None) or getattr(schema, "validate_python", None) or schema
    )
    try:
        return fit(found)
    except Exception as error:
        # Not chained: what validators say quotes what they have read.
        raise InvalidLlmJson(SCHEMA, _places(error)) from None


def _places(error: Exception) -> str:
    """How many fields a pydantic model minds; their names may be the answer's own."""
    count = getattr(error, "error_count", None)
    return f" (mistakes: {count()})" if callable(count) else f" ({type(error).__name__})"
