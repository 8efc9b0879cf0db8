"""A store of vectors with the shape of Upstash Vector's REST API: upsert, query by nearness, info."""

import math
from typing import Any

from pydantic import BaseModel

from examples.outside.vendor import Vendor, router_of

VECTORS = Vendor("vectors")
BYTES_A_NUMBER = 4
BYTES_A_VECTOR = 200
KEPT_MAX = 5_000
router = router_of(VECTORS)
_kept: dict[str, list[float]] = {}


class Vector(BaseModel):
    id: str
    vector: list[float]
    metadata: dict[str, Any] = {}


class Query(BaseModel):
    vector: list[float]
    topK: int = 1


def _nearness(one: list[float], other: list[float]) -> float:
    """Cosine, from 0 to 1 as the vendor has it."""
    length = math.hypot(*one) * math.hypot(*other)
    return (1 + sum(a * b for a, b in zip(one, other, strict=True)) / length) / 2 if length else 0.0


@router.post("/upsert")
async def upsert(vectors: list[Vector]) -> dict[str, str]:
    for one in vectors:
        _kept[one.id] = one.vector
    while len(_kept) > KEPT_MAX:
        del _kept[next(iter(_kept))]
    return {"result": "Success"}


@router.post("/query")
async def query(asked: Query) -> dict[str, Any]:
    scored = sorted(((_nearness(asked.vector, vector), name) for name, vector in _kept.items()), reverse=True)
    return {"result": [{"id": name, "score": score} for score, name in scored[: asked.topK]]}


@router.get("/info")
async def info() -> dict[str, Any]:
    size = sum(BYTES_A_VECTOR + BYTES_A_NUMBER * len(one) for one in _kept.values())
    return {"result": {"vectorCount": len(_kept), "pendingVectorCount": 0, "indexSize": size, "dimension": 32}}
