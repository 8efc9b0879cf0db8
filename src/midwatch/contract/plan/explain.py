"""What pydantic finds wrong with a part of a plan → problems with their places, in the plan's own words."""

import difflib
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from midwatch.contract.plan.document import Document, Path
from midwatch.contract.plan.problem import Problem
from midwatch.contract.plan.schema import keys_at
from midwatch.contract.plan.section import NAME_EXPECTED


def explained(error: ValidationError, adapter: TypeAdapter[Any], document: Document, above: Path) -> Iterator[Problem]:
    """`above`: where in the document that part stands, which `adapter` validates."""
    for detail in error.errors(include_url=False):
        loc: Path = tuple(part for part in detail["loc"] if part != "[key]")
        path: Path = (*above, *loc)
        name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]
        last = str(path[-1])
        at_key = detail["loc"][-1:] == ("[key]",)
        if detail["type"] == "extra_forbidden":
            message = f"{last}: unknown key; expected {one_of(last, keys_at(adapter, loc[:-1]))}"
            yield document.problem(path, message, at_key=True)
        elif detail["type"] == "missing":
            yield document.problem(path, f"{name}: expected this key")
        elif at_key:
            own_words = detail["type"] == "value_error"
            expected = _expected("value_error", detail) if own_words else f"expected {NAME_EXPECTED}"
            yield document.problem(path, f"{last}: {expected}", at_key=True)
        else:
            shown = _quoted(document, path, detail["input"])
            yield document.problem(path, f"{name}={shown}: {_expected(detail['type'], detail)}")


def _quoted(document: Document, path: Path, value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = document.texts.get(path, str(value))
    return (text if len(text) <= 80 else f"{text[:77]}…") or "nothing"


_EXPECTED = {
    "string_type": "expected text",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "dict_type": "expected a mapping of names to settings",
    "model_type": "expected a mapping",
    "model_attributes_type": "expected a mapping",
    "string_pattern_mismatch": f"expected {NAME_EXPECTED}",
}


def _expected(kind: str, detail: Any) -> str:
    context = detail.get("ctx", {})
    if detail["input"] is None and kind in ("model_type", "model_attributes_type", "dict_type"):
        return "expected a mapping; write {} where there is nothing to say"
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_type" and isinstance(detail["input"], bool | int | float):
        return "expected text; write it in quotes"
    if kind == "string_too_long":
        return f"expected at most {context['max_length']} characters"
    if kind == "too_long":
        return f"expected at most {context['max_length']} entries"
    text = str(detail["msg"]).removeprefix("Input should be ")
    return _EXPECTED.get(kind, f"expected {text[:1].lower()}{text[1:]}")


def listed(value: Any) -> Any:
    """Lists as tuples, which strict models with frozen fields take."""
    if isinstance(value, list):
        return tuple(listed(item) for item in value)
    if isinstance(value, dict):
        return {key: listed(item) for key, item in value.items()}
    return value


def one_of(name: str, known: list[str]) -> str:
    """What is expected instead of a name that is not known."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    listed = ", ".join(known)
    return f"one of {listed}; did you mean {near[0]}?" if near else f"one of {listed}"
