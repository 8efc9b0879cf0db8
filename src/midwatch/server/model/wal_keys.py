"""Keys under which segments and dead letters are encrypted: the newest encrypts, all of them decrypt."""

import base64
import binascii
import re
from dataclasses import dataclass, field

KEY_BYTES = 32
KEY_EXPECTED = (
    f"ID:SECRET with {KEY_BYTES} bytes in base64, such as w1:$(openssl rand -base64 {KEY_BYTES});"
    " older keys behind it, after commas"
)

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,15}):(\S+)")


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
        keys = tuple(_key(part) for part in re.split(r"[,\s]+", text.strip()))
        if len({key.id for key in keys}) < len(keys):
            raise ValueError("expected another id for each key")
        return cls(keys)

    @property
    def newest(self) -> WalKey | None:
        return self.keys[0] if self.keys else None

    def named(self, key_id: str) -> WalKey | None:
        return next((key for key in self.keys if key.id == key_id), None)


NO_KEYS = WalKeys()


def _key(text: str) -> WalKey:
    found = _KEY.fullmatch(text)
    try:
        secret = base64.b64decode(found[2] + "=" * (-len(found[2]) % 4), validate=True) if found else b""
    except binascii.Error:
        secret = b""
    if found is None or len(secret) != KEY_BYTES:
        raise ValueError(f"expected {KEY_EXPECTED}")
    return WalKey(found[1], secret)
