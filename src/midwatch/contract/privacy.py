"""Keys whose values never reach the disk, and the regular expression that recognises them.

An entry is one or more words (`password`, `api key`). It stands for every key that ends in these words, however they
are joined: `api_key`, `x-api-key`, `apiKey`, `STRIPE_API_KEY`, `http.request.header.x_api_key`, `api_key[0]`; not
`api_key_count`, where they are not the end. Plain Python: the bare SDK reads this too.
"""

import re
from collections.abc import Iterable

REMOVED = "[removed]"
"""What stands where a private value was."""

DEFAULT_DENYLIST: tuple[str, ...] = (
    "access key",
    "api key",
    "auth",
    "authorization",
    "bearer",
    "card cvc",
    "card number",
    "client secret",
    "connection string",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "credit card",
    "cvc",
    "cvv",
    "iban",
    "jwt",
    "otp",
    "passphrase",
    "passwd",
    "password",
    "password confirmation",
    "password hash",
    "passwords",
    "private key",
    "pwd",
    "secret",
    "secret key",
    "secrets",
    "session cookie",
    "set cookie",
    "signing key",
    "social security number",
    "ssn",
    "token",
)
"""In force unless the plan's `privacy.keep` names an entry. `tokens` is not one: language models are paid by them."""

ENTRY = re.compile(r"[A-Za-z0-9]+(?:[ ._-][A-Za-z0-9]+)*")
ENTRY_EXPECTED = "words of letters and digits, such as 'api key' or 'user.email'"

_NEVER = r"x\Ay"


def denylist(*, deny: Iterable[str] = (), keep: Iterable[str] = ()) -> tuple[str, ...]:
    """The entries in force: the defaults, with `deny` and without `keep`, in order and each once."""
    kept = {words(entry) for entry in keep}
    entries = {words(entry): " ".join(words(entry)) for entry in (*DEFAULT_DENYLIST, *deny)}
    return tuple(sorted(text for entry, text in entries.items() if entry not in kept))


def deny_pattern(entries: Iterable[str] = DEFAULT_DENYLIST) -> str:
    """A regular expression (RE2 and Python alike) to search keys with; it finds nothing where there are no entries."""
    split = [words(entry) for entry in entries]
    if not split:
        return _NEVER
    anywhere = "|".join(r"[ ._-]?".join(entry) for entry in split)
    after_a_small_letter = "|".join(r"[ ._-]?".join(word.capitalize() for word in entry) for entry in split)
    return rf"(?i:(?:^|[^a-z0-9])(?:{anywhere})[\W\d]*$)|[a-z0-9](?:{after_a_small_letter})[\W\d]*$"


def words(entry: str) -> tuple[str, ...]:
    """The words of an entry, in small letters.

    Raises ValueError where it holds anything but words.
    """
    if not ENTRY.fullmatch(entry):
        raise ValueError(f"expected {ENTRY_EXPECTED}")
    return tuple(re.split(r"[ ._-]", entry.lower()))
