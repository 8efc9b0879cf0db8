"""Values sealed with a team's key (AES-256-GCM), so that they can be kept where nobody else is to read them.

Needs `cryptography`, which is imported when a key is used.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from typing import Any

SETTING = "MIDWATCH_REPLAY_KEY"
KEY_BYTES = 32
_NONCE_BYTES = 12
SEALED = "sealed"


class CannotOpen(ValueError):
    """No key of this id, another key, or something was changed."""


class SealKeys:
    """`ID:BASE64` of 32 bytes each, after commas; what is sealed is sealed with the first."""

    def __init__(self, text: str) -> None:
        """Raises ValueError that says what is expected, and shows nothing of a key."""
        self._keys: dict[str, bytes] = {}
        for one in filter(None, (part.strip() for part in text.split(","))):
            name, colon, secret = one.partition(":")
            try:
                key = base64.b64decode(
                    secret.replace("-", "+").replace("_", "/") + "=" * (-len(secret) % 4), validate=True
                )
            except binascii.Error:
                key = b""
            if not colon or not name or len(key) != KEY_BYTES:
                raise ValueError(
                    f"{SETTING}: expected ID:BASE64 of {KEY_BYTES} random bytes: r1:$(openssl rand -base64 32)"
                )
            self._keys[name] = key
        self._cipher: Any = _cipher() if self._keys else None

    def __bool__(self) -> bool:
        return bool(self._keys)

    def seal(self, content: bytes, about: str) -> dict[str, Any]:
        """`about` what it is: it opens only as that."""
        name, key = next(iter(self._keys.items()))
        nonce = os.urandom(_NONCE_BYTES)
        data = self._cipher(key).encrypt(nonce, content, about.encode())
        return {"form": SEALED, "key_id": name, "nonce": _text(nonce), "data": _text(data)}

    def open(self, sealed: Mapping[str, Any], about: str) -> bytes:
        """Raises CannotOpen."""
        key = self._keys.get(str(sealed.get("key_id")))
        if key is None:
            raise CannotOpen(f"sealed with the key {sealed.get('key_id')!r}, which is not among those of {SETTING}")
        try:
            nonce, data = (base64.b64decode(str(sealed.get(part)), validate=True) for part in ("nonce", "data"))
            return bytes(self._cipher(key).decrypt(nonce, data, about.encode()))
        except Exception:
            raise CannotOpen(f"it does not open with the key {sealed.get('key_id')!r}: it was changed") from None


def is_sealed(value: Any) -> bool:
    return isinstance(value, dict) and value.get("form") == SEALED


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _cipher() -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise ValueError(f"{SETTING} is set: sealing needs `pip install cryptography`") from None
    return AESGCM
