"""Keyed hashes of private values: equal values are seen to be equal, and nobody without the key can try them out.

A hash is `ID:` and the first 128 bits of HMAC-SHA256 (RFC 2104, FIPS 180-4) over the value in UTF-8, in small hex
digits. The key is the UTF-8 of what stands behind its id. SDK and server share this; other languages can do the same.
"""

import hmac
from dataclasses import dataclass, field

from midwatch.contract.key_ring import read_keys

HASH_BITS = 128
SECRET_CHARACTERS_MIN = 32
"""There are few phone numbers: whoever guesses the key has them all."""
KEY_EXPECTED = (
    f"ID:SECRET with a secret of at least {SECRET_CHARACTERS_MIN} characters, such as k1:$(openssl rand -hex 32);"
    " older keys behind it, after commas"
)


@dataclass(frozen=True, slots=True)
class HashKey:
    """A team's key, and the id by which its hashes are told from those of the next."""

    id: str
    secret: bytes = field(repr=False)

    def hash(self, value: str) -> str:
        """Of the text as it is: what shall be equal must be written equally."""
        digest = hmac.digest(self.secret, value.encode("utf-8", "surrogatepass"), "sha256")
        return f"{self.id}:{digest[: HASH_BITS // 8].hex()}"


@dataclass(frozen=True, slots=True)
class HashKeys:
    """The key in force, and older ones under which what was hashed before can still be found."""

    current: HashKey
    older: tuple[HashKey, ...] = ()

    @classmethod
    def of(cls, text: str) -> "HashKeys":
        """Read `k2:SECRET,k1:OLDER`. Raises ValueError that says what was expected and never what it got."""
        keys = [_key(name, secret) for name, secret in read_keys(text, KEY_EXPECTED)]
        return cls(keys[0], tuple(keys[1:]))

    def named(self, key_id: str) -> HashKey | None:
        """The key of that id; of no id the one in force."""
        if not key_id:
            return self.current
        return next((key for key in (self.current, *self.older) if key.id == key_id), None)


def _key(name: str, secret: str) -> HashKey:
    if len(secret) < SECRET_CHARACTERS_MIN:
        raise ValueError(f"expected {KEY_EXPECTED}")
    return HashKey(name, secret.encode())
