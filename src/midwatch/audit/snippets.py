"""A line of code to show, without what must not be repeated in a report."""

import re

from midwatch.contract.privacy import DEFAULT_DENYLIST, REMOVED

CHARACTERS_MAX = 160

_WORDS = "|".join(
    r"[ ._-]?".join(re.split(r"[ ._-]", entry)) for entry in sorted(DEFAULT_DENYLIST, key=len, reverse=True)
)
_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?)"""
_NAMED = re.compile(
    rf"(?i)((?:{_WORDS})[\w\]\)]*[\"'`]?\]?\s*(?::\s*[\w|\[\] ]+)?(?:=>|:=|=|:|,)\s*[bfru]*)({_QUOTED})"
)
"""A text that is given to a name which tells of a secret."""
SECRET = re.compile(
    r"""-----BEGIN[^"'`]*|
    \b(?:sk|pk|rk)_(?:live|test)_\w{8,}|\bsk-[\w-]{16,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|
    \bxox[abprs]-[\w-]{8,}|\bA(?:KIA|SIA)[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\bSG\.[\w-]{16,}\.[\w-]{16,}|
    \beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|\bnpm_\w{30,}|\bya29\.[\w-]{20,}""",
    re.VERBOSE,
)
"""Forms that vendors give to their keys, and tokens."""
_OPAQUE = re.compile(
    r"(?<=://)[^/\s@\"'`]+:[^/\s@\"'`]+(?=@)|"
    r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b|"
    r"(?<=[\"'`=: ])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{24,}"
)
"""Passwords in addresses, mail addresses, and long runs of letters and digits within a text."""


def snippet(line: str) -> str:
    """One line, short, with texts that are or may be secret taken out."""
    shown = _NAMED.sub(lambda match: f'{match[1]}"{REMOVED}"', line.strip()[: 4 * CHARACTERS_MAX])
    shown = _OPAQUE.sub(REMOVED, SECRET.sub(REMOVED, shown))
    shown = "".join(one if one.isprintable() else " " for one in shown)
    return shown if len(shown) <= CHARACTERS_MAX else shown[: CHARACTERS_MAX - 1] + "…"
