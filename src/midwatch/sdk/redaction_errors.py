"""What may be told of an exception: as the attributes of a record, and as a line shows it."""

from typing import Any

from midwatch.contract.redaction.values import Redactor
from midwatch.sdk.log_lines import error_of

TYPE, MESSAGE, STACK = "exception.type", "exception.message", "exception.stacktrace"
_SHOWN = {TYPE: "name", MESSAGE: "message", STACK: "stack"}


def told_of(error: BaseException, clean: Redactor) -> tuple[dict[str, Any], dict[str, Any]]:
    """Attributes by OpenTelemetry's names, and the map under a line's key for errors, with the chain of causes.

    A plan's rules name them by the first: `exception.message` is also that of a cause.
    """
    said = error_of(error)
    attributes: dict[str, Any] = {}
    clean.put(attributes, {TYPE: said["name"], MESSAGE: said["message"], STACK: said["stack"]})
    shown = {name: attributes[key] for key, name in _SHOWN.items() if key in attributes}
    if causes := said.get("causes"):
        shown["causes"] = [_cause(cause, clean) for cause in causes]
    return attributes, shown


def _cause(cause: dict[str, Any], clean: Redactor) -> dict[str, Any]:
    told: dict[str, Any] = {}
    clean.put(told, {TYPE: cause["name"], MESSAGE: cause["message"]})
    return {name: told[key] for key, name in _SHOWN.items() if key in told}
