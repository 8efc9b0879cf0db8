"""Write ui/src/api/schema.ts from the shapes in src/midwatch/server/schemas; `--check` only compares."""

import importlib
import pkgutil
import re
import sys
from pathlib import Path
from typing import Any

from midwatch.server import schemas
from midwatch.server.schemas.base import Schema

TARGET = Path(__file__).parent.parent / "ui" / "src" / "api" / "schema.ts"
HEADER = "// Written by tools/write_api_types.py from the server's shapes. Do not edit.\n"
_REQUEST = re.compile(r"(Request|Create|Change|Text)$")


def all_shapes() -> list[type[Schema]]:
    for module in pkgutil.iter_modules(schemas.__path__):
        importlib.import_module(f"{schemas.__name__}.{module.name}")
    found: list[type[Schema]] = []
    waiting = list(Schema.__subclasses__())
    while waiting:
        shape = waiting.pop()
        found.append(shape)
        waiting.extend(shape.__subclasses__())
    return sorted(set(found), key=lambda shape: shape.__name__)


def typescript(schema: dict[str, Any]) -> str:
    """The TypeScript of one JSON schema node."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if values := schema.get("enum", [schema["const"]] if "const" in schema else None):
        return " | ".join(map(literal, values))
    if choices := schema.get("anyOf", schema.get("oneOf")):
        return " | ".join(map(typescript, choices))
    kind = schema.get("type")
    if kind == "array":
        item = typescript(schema.get("items", {}))
        return f"({item})[]" if " | " in item else f"{item}[]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"Record<string, {typescript(inner) if isinstance(inner, dict) else 'unknown'}>"
    simple = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
    return simple.get(str(kind), "unknown")


def literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def render() -> str:
    parts = [HEADER]
    for shape in all_shapes():
        request = bool(_REQUEST.search(shape.__name__))
        schema = shape.model_json_schema(mode="validation" if request else "serialization")
        if "$ref" in schema:  # A shape that holds others of its own kind.
            schema = schema["$defs"][shape.__name__]
        required = set(schema.get("required", ()))
        if shape.__name__ == "Problem":
            required = {"error", "code", "request_id"}
        lines = [f"export interface {shape.__name__} {{"]
        for name, field in schema.get("properties", {}).items():
            lines.append(f"  {name}{'' if name in required else '?'}: {typescript(field)};")
        parts.append("\n".join([*lines, "}\n"]))
    return "\n".join(parts)


def main() -> int:
    text = render()
    if "--check" in sys.argv:
        same = TARGET.is_file() and TARGET.read_text() == text
        sys.stdout.write("" if same else "ui/src/api/schema.ts is old: run `python tools/write_api_types.py`\n")
        return 0 if same else 1
    if not TARGET.is_file() or TARGET.read_text() != text:
        TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
