"""The header by which Midwatch servers that forward to one another notice a circle."""

VIA_HEADER = "x-midwatch-via"
"""Names of the servers that the body came through, the first one first, joined by commas."""
HOPS_MAX = 8


def hops(via: str) -> list[str]:
    return [name for name in (part.strip() for part in via.split(",")) if name]
