"""What Sentry's tools send to `/api/0/…`: parts of paths, bodies with bounds of their own, and slugs of projects."""

import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

import orjson
from fastapi import Path, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.types import Message

from midwatch.server.model.errors import BadRequest, NotFound, TooLarge

T = TypeVar("T", bound=BaseModel)
ORGANIZATION = "/organizations/{organization}"
Organization = Annotated[str, Path(max_length=100)]
Project = Annotated[str, Path(max_length=100)]
Version = Annotated[str, Path(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]

JSON_BYTES_MAX = 16 << 20
"""A thousand commits with the files that each touches."""
PROJECT_MAX = 4_294_967_295


async def read_json(request: Request, model: type[T]) -> T:
    """
    Raises:
        BadRequest: no JSON, or not what the model says; the message names the field.
        TooLarge: over JSON_BYTES_MAX.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > JSON_BYTES_MAX:
            raise TooLarge(f"body: expected at most {JSON_BYTES_MAX:,} bytes")
    try:
        return model.model_validate(orjson.loads(bytes(body)))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadRequest(f"{where}: {first['msg']}", code="invalid_field") from None
    except ValueError as error:
        raise BadRequest(f"cannot read the body: expected JSON: {error}") from None


@asynccontextmanager
async def read_form(request: Request, *, bytes_max: int, files_max: int) -> AsyncIterator[FormData]:
    """Multipart; a large file lies in a temporary one until the block ends.

    Raises:
        TooLarge: more than `bytes_max` comes.
        BadRequest: it is no multipart body, or damaged.
    """
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > bytes_max:
            raise TooLarge(f"body: expected at most {bytes_max:,} bytes; send fewer files at once")
        return message

    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise BadRequest("content-type: expected multipart/form-data with files")
    try:
        form = await Request(request.scope, receive).form(max_files=files_max, max_fields=files_max)
    except HTTPException as error:
        raise BadRequest(f"cannot read the body: {error.detail}") from None
    try:
        yield form
    finally:
        await form.close()


def unzipped(content: bytes, bytes_max: int) -> bytes:
    """gzip. Raises BadRequest, TooLarge."""
    state = zlib.decompressobj(31)
    try:
        found = state.decompress(content, bytes_max + 1)
    except zlib.error as error:
        raise BadRequest(f"cannot unpack a part: {error}", code="bad_encoding") from None
    if len(found) > bytes_max:
        raise TooLarge(f"a part: expected at most {bytes_max:,} bytes once unpacked")
    if not state.eof:
        raise BadRequest("cannot unpack a part: the gzip data ends too early", code="bad_encoding")
    return found


def project_of(slug: str | int) -> int:
    """A project's slug is its number, the last part of its DSN.

    Raises:
        NotFound: it is none.
    """
    text = str(slug)
    if text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= PROJECT_MAX:
        return int(text)
    raise NotFound(f"project={text[:60]!r}: expected a project's number, the last part of its DSN", code="no_project")


def projects_of(slugs: Sequence[str | int]) -> list[int]:
    """Each once."""
    return list(dict.fromkeys(project_of(slug) for slug in slugs))
