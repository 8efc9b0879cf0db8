"""One step of relabelling, as Prometheus 3 documents `<relabel_config>`."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from midwatch.contract.plan.section import Model

Action = Literal[
    "replace", "keep", "drop", "hashmod", "labelmap", "labeldrop", "labelkeep", "lowercase", "uppercase", "keepequal",
    "dropequal",
]  # fmt: skip
REGEX_DEFAULT = "(.*)"
REPLACEMENT_DEFAULT = "$1"
_NEED_TARGET = ("replace", "hashmod", "lowercase", "uppercase", "keepequal", "dropequal")
_TEXT = Annotated[str, Field(max_length=4096)]


class RelabelConfig(Model):
    source_labels: tuple[_TEXT, ...] = Field(default=(), max_length=100)
    separator: _TEXT = ";"
    target_label: _TEXT = ""
    regex: _TEXT = REGEX_DEFAULT
    """RE2, matched against the whole text."""
    modulus: Annotated[int, Field(ge=0)] = 0
    replacement: _TEXT = REPLACEMENT_DEFAULT
    action: Action = "replace"

    @model_validator(mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("action"), str):
            return {**value, "action": value["action"].lower()}
        return value

    @model_validator(mode="after")
    def _fits_its_action(self) -> "RelabelConfig":
        if self.action in _NEED_TARGET and not self.target_label:
            raise ValueError(f"expected a target_label with action {self.action}")
        if self.action == "hashmod" and not self.modulus:
            raise ValueError("expected a modulus above 0 with action hashmod")
        idle = set()
        if self.action in ("labeldrop", "labelkeep"):
            idle = self.model_fields_set - {"regex", "action"}
        elif self.action in ("keepequal", "dropequal"):
            idle = self.model_fields_set - {"source_labels", "target_label", "action"}
        if idle:
            raise ValueError(f"expected no {', '.join(sorted(idle))} with action {self.action}")
        check_regex(self.regex)
        return self


def check_regex(pattern: str) -> None:
    """Raises ValueError. By RE2 where it is installed (with the server), else by Python's own."""
    try:
        import re2  # type: ignore[import-untyped]

        options = re2.Options()
        options.log_errors = False
        re2.compile(pattern, options)
    except ImportError:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"regex={pattern}: expected a regular expression: {error}") from None
    except re2.error as error:
        raise ValueError(f"regex={pattern}: expected a regular expression of RE2: {_told(error)}") from None


def _told(error: Exception) -> str:
    told = error.args[0] if error.args else error
    return told.decode(errors="replace") if isinstance(told, bytes) else str(told)
