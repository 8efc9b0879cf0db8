"""Snappy blocks: what is unpacked, and what is refused before it costs anything."""

import cramjam
import pytest

from midwatch.server.ingest.unpack import BODY_BYTES_MAX, Budget, read_body
from midwatch.server.model.errors import BadRequest, MidwatchError, TooLarge

TEXT = b"midwatch " * 5000
BLOCK = bytes(cramjam.snappy.compress_raw(TEXT))


def claiming(size: int) -> bytes:
    """A block whose header claims so many bytes; it holds none of them."""
    header = bytearray()
    while size > 0x7F:
        header.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*header, size])


async def read(packed: bytes, budget: Budget | None = None) -> bytes:
    async def chunks():
        for start in range(0, len(packed), 100):
            yield packed[start : start + 100]

    return await read_body(chunks(), "snappy", budget or Budget())


async def test_a_block_in_pieces_is_unpacked_and_its_bytes_stay_taken() -> None:
    """The budget holds what came out, until the caller gives it back."""
    budget = Budget()
    assert await read(BLOCK, budget) == TEXT
    assert budget.bytes == len(TEXT)


@pytest.mark.parametrize(
    ("packed", "error", "said"),
    [
        pytest.param(BLOCK[:-3], BadRequest, "cannot unpack the body", id="torn"),
        pytest.param(BLOCK + b"\x00x", BadRequest, "cannot unpack the body", id="more-behind-it"),
        pytest.param(b"\xff" * 30, BadRequest, "invalid header", id="no-header"),
        pytest.param(b"\xff\x06\x00\x00sNaPpY" + BLOCK, BadRequest, "not the framed format", id="framed"),
        pytest.param(claiming(1 << 31), BadRequest, "cannot be the 2,147,483,648", id="claims-what-it-cannot-hold"),
        pytest.param(
            claiming(BODY_BYTES_MAX + 1) + bytes(4 << 20), TooLarge, "67,108,865 bytes once unpacked", id="bomb"
        ),
    ],
)
async def test_bad_blocks_are_refused_and_cost_no_memory(packed: bytes, error: type, said: str) -> None:
    """A block that is damaged or claims too much is named as such, and the budget is whole again."""
    budget = Budget()
    with pytest.raises(MidwatchError, match=said) as raised:
        await read(packed, budget)
    assert type(raised.value) is error
    assert budget.bytes == 0
