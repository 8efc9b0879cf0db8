"""The plan's JSON schema, for editors and other people's checks."""

from typing import Any

from pydantic import TypeAdapter

from midwatch.contract.plan.document import Path
from midwatch.contract.plan.sections import sections

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema of `midwatch.yml`."""
    properties: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for name, section in sections().items():
        schema = _closed(section.adapter.json_schema())
        definitions |= schema.pop("$defs", {})
        # An empty section (`services:` and nothing more) is as if it were not there.
        properties[name] = {"description": section.help, "anyOf": [schema, {"type": "null"}]}
    return {
        "$schema": DIALECT,
        "title": "Midwatch plan (midwatch.yml)",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": dict(sorted(definitions.items())),
    }


def _closed(schema: Any) -> Any:
    """Names that fit no pattern are errors, as they are for the loader."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(part) for key, part in schema.items()}
    return {"additionalProperties": False, **closed} if "patternProperties" in closed else closed


def keys_at(adapter: TypeAdapter[Any], path: Path) -> list[str]:
    """The keys that a mapping at this path of what the adapter validates may have."""
    whole = adapter.json_schema()
    schema: Any = _resolved(whole, whole)
    for part in path:
        inner = schema.get("properties", {}).get(part) or schema.get("additionalProperties") or schema.get("items")
        if inner is None and "patternProperties" in schema:
            inner = next(iter(schema["patternProperties"].values()))
        schema = _resolved(inner or {}, whole)
    return list(schema.get("properties", {}))


def _resolved(schema: Any, whole: dict[str, Any]) -> Any:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    if not isinstance(schema, dict):
        return {}
    # Of several forms that a value may have, the mapping is the one with keys; else there may be some further down.
    forms = [_resolved(form, whole) for form in schema.get("anyOf", ())]
    wanted = ("properties", "items", "additionalProperties")
    return next((form for key in wanted for form in forms if key in form), schema)
