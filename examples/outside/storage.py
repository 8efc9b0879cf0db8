"""An object store with the shape of S3's REST API: objects are put, looked at, fetched and deleted."""

import hashlib
from typing import Any

from fastapi import Request, Response

from examples.outside.vendor import Vendor, router_of

STORAGE = Vendor("storage")
OBJECTS_MAX = 5_000
NO_SUCH_KEY = "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"
router = router_of(STORAGE)
_objects: dict[str, bytes] = {}


def _tag(content: bytes) -> dict[str, str]:
    return {"etag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'}


@router.head("/{bucket}")
async def head_bucket(bucket: str) -> None:
    """There is any that is asked for."""


@router.put("/{bucket}/{key:path}")
async def put(bucket: str, key: str, request: Request) -> Response:
    content = _objects[f"{bucket}/{key}"] = await request.body()
    while len(_objects) > OBJECTS_MAX:
        del _objects[next(iter(_objects))]
    return Response(headers=_tag(content))


@router.api_route("/{bucket}/{key:path}", methods=["GET", "HEAD"])
async def get(bucket: str, key: str) -> Any:
    content = _objects.get(f"{bucket}/{key}")
    if content is None:
        return Response(NO_SUCH_KEY, 404, media_type="application/xml")
    return Response(content, headers=_tag(content), media_type="application/octet-stream")


@router.delete("/{bucket}/{key:path}", status_code=204)
async def delete(bucket: str, key: str) -> None:
    _objects.pop(f"{bucket}/{key}", None)
