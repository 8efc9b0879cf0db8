"""What a person may stand as: the id as it was given, and the hashes that took its place."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from midwatch.contract.privacy_hashing import HashKey
from midwatch.contract.privacy_phone import phone_hash
from midwatch.contract.privacy_rules import PrivacyPolicy

CHARACTERS_MIN, CHARACTERS_MAX = 3, 300
"""A shorter id would stand in too much that is somebody else's."""
NAMES_MAX = 200
ERASED = "[erased]"
_EDGE = "[^0-9A-Za-z_]"


@dataclass(frozen=True, slots=True)
class Person:
    """By all names. Each counts where it stands as a whole word, whatever is around it."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, names: tuple[str, ...], policy: PrivacyPolicy) -> "Person":
        """Raises ValueError for a name that is too short or too long."""
        found: dict[str, None] = {}
        keys = [*((policy.keys.current, *policy.keys.older) if policy.keys else ()), policy.ids]
        for name in names[:NAMES_MAX]:
            if not CHARACTERS_MIN <= len(name.strip()) <= CHARACTERS_MAX:
                raise ValueError(f"expected an id of {CHARACTERS_MIN} to {CHARACTERS_MAX} characters")
            found[name.strip()] = None
            found |= dict.fromkeys(hash_ for key in keys if key for hash_ in _hashes(name.strip(), key, policy.region))
        return cls(tuple(found))

    def pattern(self) -> str:
        """A regular expression (RE2 and Python) that finds any of the names, in any case of letters."""
        return rf"(?i)(?:^|{_EDGE})(?:{self._any()})(?:{_EDGE}|$)"

    def without(self, text: str) -> str:
        return re.sub(rf"(?i)(?<![0-9A-Za-z_])(?:{self._any()})(?![0-9A-Za-z_])", ERASED, text)

    def in_bytes(self, content: bytes) -> bool:
        return re.search(self.pattern().replace("^|", r"\A|").replace("|$", r"|\Z").encode(), content) is not None

    def _any(self) -> str:
        return "|".join(re.escape(written) for name in self.names for written in _written(name))


def _hashes(name: str, key: HashKey, region: str) -> set[str]:
    return {key.hash(name), key.hash(name.lower()), phone_hash(name, key, region)} - {""}


def _written(name: str) -> list[str]:
    """As texts of URLs and JSON have it, too."""
    return list(dict.fromkeys((name, quote(name, safe=""), name.encode("unicode_escape").decode())))
