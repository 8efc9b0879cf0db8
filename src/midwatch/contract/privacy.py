"""Keys whose values are private, and the regular expression that recognises them.

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
    "account key",
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
    "encryption key",
    "iban",
    "jwt",
    "magic link",
    "otp",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "password confirmation",
    "password hash",
    "passwords",
    "privacy key",
    "private key",
    "pwd",
    "secret",
    "secret key",
    "secrets",
    "session cookie",
    "set cookie",
    "sig",
    "signature",
    "signing key",
    "social security number",
    "ssn",
    "token",
    "verification code",
)
"""In force unless the plan's `privacy.keep` names an entry. `tokens` is not one: language models are paid by them."""

MESSAGE_FIELDS: tuple[str, ...] = (
    "body",
    "call arguments",
    "call result",
    "chat history",
    "completion",
    "completion content",
    "completions",
    "email body",
    "email content",
    "email text",
    "html body",
    "input messages",
    "mail body",
    "message body",
    "message content",
    "message text",
    "messages",
    "messages content",
    "messages text",
    "output messages",
    "prompt",
    "prompt content",
    "prompts",
    "request body",
    "response body",
    "sms body",
    "sms content",
    "sms message",
    "sms text",
    "system instructions",
    "system prompt",
    "text body",
    "transcript",
    "user prompt",
)
"""What people write to one another and to language models. Texts, lists and maps under these keys are removed by the
SDK; numbers and flags stay: `completion` may be a share. The message of a log line is no field."""

PHONE_FIELDS: tuple[str, ...] = (
    "cell phone",
    "fax",
    "mobile",
    "mobile number",
    "msisdn",
    "phone",
    "phone number",
    "phones",
    "telephone",
    "telephone number",
    "whatsapp",
)
"""Where a number is a phone's, however it is written."""

DEFAULTS: tuple[str, ...] = (*DEFAULT_DENYLIST, *MESSAGE_FIELDS, *PHONE_FIELDS)
"""What `privacy.keep` can name."""

ENTRY = re.compile(r"[A-Za-z0-9]+(?:[ ._-][A-Za-z0-9]+)*")
ENTRY_EXPECTED = "words of letters and digits, such as 'api key' or 'user.email'"

_NEVER = r"\x00{9}"
"""No key has that; engines that run many patterns at once take no anchor in the midst of one."""


def denylist(*, deny: Iterable[str] = (), keep: Iterable[str] = ()) -> tuple[str, ...]:
    """The entries in force: the defaults, with `deny` and without `keep`, in order and each once."""
    return without(keep, (*DEFAULT_DENYLIST, *deny))


def without(keep: Iterable[str], entries: Iterable[str]) -> tuple[str, ...]:
    """The entries that `keep` does not name, however they are written, in order and each once."""
    kept = {words(entry) for entry in keep}
    by_words = {words(entry): " ".join(words(entry)) for entry in entries}
    return tuple(sorted(text for entry, text in by_words.items() if entry not in kept))


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
