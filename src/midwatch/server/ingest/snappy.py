"""Snappy blocks, as remote write and Loki's push send them: unpacked as a whole, once all of it is there."""

import cramjam

from midwatch.server.model.errors import BadRequest, TooLarge

BYTES_PER_PACKED_BYTE = 22
"""No element of the format gives more than 64 bytes for 3."""


def block_size(packed: bytes, bytes_max: int) -> int:
    """What a block says of its size once unpacked, before a byte of it is unpacked.

    Raises:
        BadRequest: no such block, or one that claims more than its bytes can hold.
        TooLarge: over the limit.
    """
    try:
        size = int(cramjam.snappy.decompress_raw_len(packed))
    except cramjam.DecompressionError as error:
        raise _damaged(str(error)) from None
    if size > len(packed) * BYTES_PER_PACKED_BYTE:
        raise _damaged(f"{len(packed):,} bytes cannot be the {size:,} that they claim")
    if size > bytes_max:
        raise TooLarge(
            f"cannot take the body: {size:,} bytes once unpacked, over {bytes_max >> 20} MiB; send smaller batches",
            code="body_too_large",
        )
    return size


def unpack_block(packed: bytes) -> bytes:
    """
    Raises:
        BadRequest: damaged or torn.
    """
    try:
        return bytes(cramjam.snappy.decompress_raw(packed))
    except cramjam.DecompressionError as error:
        raise _damaged(str(error)) from None


def _damaged(why: str) -> BadRequest:
    return BadRequest(
        f"cannot unpack the body: {why}; expected one snappy block, not the framed format", code="bad_encoding"
    )
