"""Messages without what differs from one time to the next."""

import re

_CHARACTERS_MAX = 1000
_PARTS: tuple[tuple[str, str], ...] = (
    ("url", r"\b(?:https?|wss?|ftp|file|postgres(?:ql)?|redis|amqp|mongodb)://[^\s'\"<>)\]}]+"),
    ("email", r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"),
    ("uuid", r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"),
    ("ip", r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{0,4}(?![\w:])"),
    (
        "date",
        r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
        r"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? \d{1,2} \w{3} \d{4}(?: \d{2}:\d{2}:\d{2})?(?: \w+)?"
        r"|\b\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\b",
    ),
    ("hex", r"\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{7,}\b"),
    ("jwt", r"\beyJ[\w-]{8,}(?:\.[\w-]+)*"),
    ("id", r"\b[A-Za-z]{1,12}_(?=\w*\d)[A-Za-z0-9]{6,}\b|\b(?=\w*\d)(?=\w*[A-Z])(?=\w*[a-z])[A-Za-z0-9]{16,}\b"),
    ("duration", r"\b\d+(?:\.\d+)?\s?(?:ms|us|µs|ns|s|sec|seconds?|minutes?|min|hours?|h|days?|d)\b"),
    ("size", r"\b\d+(?:\.\d+)?\s?(?:[KMGT]i?B|bytes?|B)\b"),
    ("float", r"(?<![\w.])[-+]?\d+\.\d+(?:[eE][-+]?\d+)?(?![\w.])"),
    ("int", r"(?<![A-Za-z\d])[-+]?\d+(?![A-Za-z\d])|(?<=[_#-])\d+\b|(?<=[A-Za-z])\d{4,}\b"),
)
_EVERY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PARTS))
_QUOTED = re.compile(r"'[^'\n]{1,200}'|\"[^\"\n]{1,200}\"|`[^`\n]{1,200}`")
_SPACE = re.compile(r"\s+")


def parametrised(message: str) -> str:
    """`user 42 not found` → `user <int> not found`. First line only where there are several."""
    first = message.strip()[:_CHARACTERS_MAX].partition("\n")[0]
    return _SPACE.sub(" ", _EVERY.sub(lambda match: f"<{match.lastgroup}>", first)).strip()


def without_values(message: str) -> str:
    """The same, and what stands in quotes is a value, too."""
    return _QUOTED.sub("<text>", parametrised(message))
