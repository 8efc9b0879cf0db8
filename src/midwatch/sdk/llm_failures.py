"""What is told of a failed call of a language model: words of the API's vocabulary, no sentence of its.

Messages of APIs quote what was asked.
"""

import contextlib
import json
import re
from typing import Any

from midwatch.contract.redaction.said import SAID
from midwatch.sdk.frames import WITHOUT_LOCALS
from midwatch.sdk.log_lines import type_name

TIMEOUT = "timeout"
VALID, EMPTY, SYNTAX, TRUNCATED, SCHEMA = "valid", "empty", "syntax", "truncated", "schema"
"""What can be said of an answer that is to be JSON."""

_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}").fullmatch


def failure_of(error: BaseException) -> str:
    """`error.type`: an HTTP status, `timeout`, or the class."""
    status = getattr(error, "status_code", None)
    # An error inside a stream has the status of the answer that opened it, which is none.
    if isinstance(status, int) and status >= 400:
        return str(status)
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return TIMEOUT
    return type_name(error)


def code_of(error: BaseException) -> str:
    """The API's own word for it, such as `insufficient_quota` or `overloaded_error`."""
    return word_of(getattr(error, "code", None)) or word_of(getattr(error, "type", None))


def json_failure_of(error: BaseException) -> str:
    """Why a client library could not read an answer as the JSON that was asked for; empty for any other failure."""
    if isinstance(error, json.JSONDecodeError):
        return SYNTAX
    errors = getattr(error, "errors", None)
    if callable(getattr(error, "error_count", None)) and callable(errors):
        kinds = {str(one.get("type", "")) for one in errors(include_input=False, include_url=False)}
        return SYNTAX if "json_invalid" in kinds else SCHEMA
    return TRUNCATED if type(error).__name__ == "LengthFinishReasonError" else ""


def keep_private(error: BaseException) -> None:
    """Wherever the exception is told from here on: without its text, where that is an API's or a validator's and may
    quote what was asked or answered, and without its callers' variables, which hold it."""
    # A class that takes no attributes stays as it is.
    with contextlib.suppress(Exception):
        setattr(error, WITHOUT_LOCALS, True)
        if getattr(error, "body", None) or callable(getattr(error, "error_count", None)):
            told = " ".join(filter(None, (failure_of(error), code_of(error))))
            setattr(error, SAID, f"{told} (its text may quote what was asked or answered, and is not told)")


def word_of(value: Any) -> str:
    """A word of an API's vocabulary; empty for anything else."""
    return value if isinstance(value, str) and _WORD(value) else ""
