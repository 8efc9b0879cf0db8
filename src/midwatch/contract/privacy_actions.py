"""What is done with a value that is private: removed, hashed, masked, cut …"""

import re
from dataclasses import dataclass

from midwatch.contract.privacy import REMOVED

DROP, REMOVE, KEEP, SCRUB = "drop", "remove", "keep", "scrub"
HASH, PHONE_HASH, MASK, LAST, TRUNCATE = "hash", "phone_hash", "mask", "last", "truncate"
REMOVE_MESSAGE, PHONE, SHAPE = "remove message", "phone", "shape"
"""What is done by default with messages, phone numbers and statements; no plan has to name them."""

ACTIONS = {
    DROP: "the field is left out",
    REMOVE: f"the value is replaced by `{REMOVED}`",
    HASH: "the value is replaced by its keyed hash",
    PHONE_HASH: "the value is replaced by the keyed hash of its E.164 form",
    MASK: "letters and digits are replaced by `*`",
    LAST: "`last 4`: the last letters and digits stay, behind `*`",
    TRUNCATE: "`truncate 20`: the first characters stay",
    SCRUB: "as any other field: patterns apply, and no list of keys",
    KEEP: "the value leaves as it is",
}
"""What a plan's `privacy.fields` can ask for."""
EMAIL, PHONE_LOOK, CARD, IBAN, SSN, JWT, KEY, IP, SECRET = (
    "email",
    "phone",
    "card",
    "iban",
    "ssn",
    "jwt",
    "key",
    "ip",
    "secret",
)
LOOKS = {
    EMAIL: "e-mail addresses",
    PHONE_LOOK: "phone numbers",
    CARD: "card numbers with their check digit",
    IBAN: "account numbers with their check digits",
    SSN: "social security numbers of the United States",
    JWT: "JSON Web Tokens",
    KEY: "keys of vendors, private keys",
    IP: "addresses of hosts; kept where no rule names them",
}
"""What a value is told by, whatever its key. `secret`, which stands behind a private name in a text, takes no rule."""
LOOK_ACTIONS = (REMOVE, HASH, MASK, LAST, KEEP)
COUNT_MAX = {LAST: 8, TRUNCATE: 10_000}
MASK_MAX = 64
"""Characters of a masked value."""
ACTION_EXPECTED = "drop, remove, hash, phone_hash, mask, last N (N at most 8), truncate N, scrub or keep"

_WRITTEN = re.compile(r"([a-z_]+)(?: ([1-9]\d{0,4}))?")
_SEEN = re.compile(r"[^\s!-/:-@\[-`{-~]")
"""Letters, digits and everything else that is neither space nor ASCII's punctuation."""


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    count: int = 0
    """Characters that stay; of LAST and TRUNCATE."""

    @classmethod
    def of(cls, text: str) -> "Action":
        """Read `hash` or `last 4`. Raises ValueError that says what was expected."""
        found = _WRITTEN.fullmatch(text.strip())
        name, count = (found[1], int(found[2] or 0)) if found else ("", 0)
        if name not in ACTIONS or not (1 <= count <= COUNT_MAX[name] if name in COUNT_MAX else count == 0):
            raise ValueError(f"expected {ACTION_EXPECTED}")
        return cls(name, count)


def masked(text: str) -> str:
    return _SEEN.sub("*", text[:MASK_MAX])


def last(text: str, count: int) -> str:
    """The last letters and digits; all is removed where they would be half of it or more."""
    seen = "".join(_SEEN.findall(text))
    return f"***{seen[-count:]}" if len(seen) > 2 * count else REMOVED


def truncated(text: str, count: int) -> str:
    return text if len(text) <= count else f"{text[:count]}…"
