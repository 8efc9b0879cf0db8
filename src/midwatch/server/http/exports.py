"""Lists that leave as files: a JSON object a line, or CSV."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Literal

import orjson
from fastapi.responses import StreamingResponse

Format = Literal["ndjson", "csv"]
Blocks = AsyncIterator[Sequence[Mapping[str, Any]]]


async def exported(name: str, format: Format, columns: Sequence[str], blocks: Blocks) -> StreamingResponse:
    """The answer; the first block is asked for before it begins, so that what fails at once is an error."""
    first: Sequence[Mapping[str, Any]] = await anext(blocks, [])  # with an empty tuple, CPython 3.11 fails
    encode: Callable[[Sequence[str], Sequence[Mapping[str, Any]], Blocks], AsyncIterator[bytes]]
    encode, kind = (_csv, "text/csv") if format == "csv" else (_ndjson, "application/x-ndjson")
    headers = {"content-disposition": f'attachment; filename="{name}.{format}"'}
    return StreamingResponse(encode(columns, first, blocks), media_type=kind, headers=headers)


async def _ndjson(_columns: Sequence[str], first: Sequence[Mapping[str, Any]], blocks: Blocks) -> AsyncIterator[bytes]:
    yield b"".join(orjson.dumps(row) + b"\n" for row in first)
    async for block in blocks:
        yield b"".join(orjson.dumps(row) + b"\n" for row in block)


async def _csv(columns: Sequence[str], first: Sequence[Mapping[str, Any]], blocks: Blocks) -> AsyncIterator[bytes]:
    yield (",".join(columns) + "\r\n").encode()
    yield _table(columns, first)
    async for block in blocks:
        yield _table(columns, block)


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([[_cell(row[column]) for column in columns] for row in rows])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    """Objects as JSON. Spreadsheets run cells that begin like formulas: such a text begins with an apostrophe."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return orjson.dumps(value).decode()
    return "'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
