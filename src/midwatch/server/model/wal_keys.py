"""Keys under which segments and dead letters are encrypted: the newest encrypts, all of them decrypt."""

import base64
import binascii
from dataclasses import dataclass, field

from midwatch.contract.key_ring import read_keys

KEY_BYTES = 32
KEY_EXPECTED = (
    f"ID:SECRET with {KEY_BYTES} bytes in base64, such as w1:$(openssl rand -base64 {KEY_BYTES});"
    " older keys behind it, after commas"
)


@dataclass(frozen=True, slots=True)
class WalKey:
    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WalKeys:
    """Newest first; none: nothing is encrypted."""

    keys: tuple[WalKey, ...] = ()

    @classmethod
    def of(cls, text: str) -> "WalKeys":
        """Read `w2:SECRET,w1:OLDER`. Raises ValueError that says what was expected and never what it got."""
        return cls(tuple(_key(name, secret) for name, secret in read_keys(text, KEY_EXPECTED)))

    @property
    def newest(self) -> WalKey | None:
        return self.keys[0] if self.keys else None

    def named(self, key_id: str) -> WalKey | None:
        return next((key for key in self.keys if key.id == key_id), None)


NO_KEYS = WalKeys()


def _key(name: str, text: str) -> WalKey:
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise ValueError(f"expected {KEY_EXPECTED}")
    return WalKey(name, secret)
