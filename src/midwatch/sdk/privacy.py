"""What apps tell of people instead of their numbers: `midwatch.phone_hash`, `midwatch.last2`, `midwatch.keyed_hash`."""

from midwatch.contract import privacy_phone
from midwatch.contract.privacy_hashing import HashKey
from midwatch.contract.redaction.said import safe_text
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.redaction_signals import in_force

HASHES, NO_KEY, UNKNOWN_KEY = "hashes", "no_key", "unknown_key"


def phone_hash(number: str, *, key_id: str = "") -> str:
    """The keyed hash of a phone number, the same however it is spelt; empty for what is none, and without a key.

    `key_id` names an older key, to find what was written under it.
    """
    key = _key(key_id)
    return "" if key is None else privacy_phone.phone_hash(safe_text(number), key, in_force().policy.region)


def keyed_hash(value: str, *, key_id: str = "") -> str:
    """The keyed hash of any text as it is; empty without a key."""
    key = _key(key_id)
    return "" if key is None else key.hash(safe_text(value))


def last2(number: str) -> str:
    """The last two digits of a phone number, for people to tell it by; empty where that would be half of it or more."""
    return privacy_phone.last_digits(safe_text(number))


def _key(key_id: str) -> HashKey | None:
    keys = in_force().policy.keys
    found = keys.named(key_id) if keys is not None else None
    if found is None:
        reason = UNKNOWN_KEY if keys is not None else NO_KEY
        PROBLEMS.dropped(HASHES, reason, 1, "set MIDWATCH_PRIVACY_KEY, with older keys behind the one in force")
    return found
