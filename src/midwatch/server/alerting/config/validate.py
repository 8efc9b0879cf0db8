"""A part of the document → its model, or problems with their places."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from midwatch.contract.plan import Problem
from midwatch.contract.plan.document import Document, Path
from midwatch.contract.plan.explain import explained, listed, one_of

_RETRIES_MAX = 20


def validated(
    adapter: TypeAdapter[Any],
    tree: Any,
    document: Document,
    above: Path,
    problems: list[Problem],
    *,
    also: Sequence[str] = (),
) -> Any | None:
    """The model, or None and its problems. `also` are keys that it may have beside the model's.

    Where a text is expected, a number or a flag is the text that is written, as it is for Alertmanager; the tree is
    changed so.
    """
    for _ in range(_RETRIES_MAX):
        try:
            return adapter.validate_python(listed(tree))
        except ValidationError as error:
            if not _as_written(error, tree, document, above):
                problems += _explained(error, adapter, document, above, also)
                return None
    return None


def _as_written(error: ValidationError, tree: Any, document: Document, above: Path) -> bool:
    changed = False
    for detail in error.errors(include_url=False):
        path: Path = tuple(detail["loc"])
        text = document.texts.get((*above, *path))
        if detail["type"] != "string_type" or text is None or not isinstance(detail["input"], bool | int | float):
            continue
        holder = tree
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = text
        changed = True
    return changed


def _explained(
    error: ValidationError, adapter: TypeAdapter[Any], document: Document, above: Path, also: Sequence[str]
) -> list[Problem]:
    found = list(explained(error, adapter, document, above))
    if not also:
        return found
    known = [*adapter.json_schema()["properties"], *also]
    unknown = [
        str(detail["loc"][0])
        for detail in error.errors(include_url=False)
        if detail["type"] == "extra_forbidden" and len(detail["loc"]) == 1
    ]
    kept = [one for one in found if not any(one.message.startswith(f"{key}: unknown key") for key in unknown)]
    return kept + [
        document.problem((*above, key), f"{key}: unknown key; expected {one_of(key, known)}", at_key=True)
        for key in unknown
    ]
