"""A name for a finding that stays when lines move: the rule, the file, what it stands in and the line's own text."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from midwatch.audit.finding import Finding

BYTES = 10


def fingerprinted(findings: Iterable[Finding]) -> list[Finding]:
    """In the order of places. The second of two that are the same in all of it is the second."""
    seen: dict[str, int] = {}
    named = []
    for one in sorted(findings, key=lambda one: one.place):
        text = "\0".join((one.rule.id, one.file, one.within, " ".join(one.snippet.split()) or one.message))
        number = seen[text] = seen.get(text, 0) + 1
        digest = hashlib.blake2b(f"{text}\0{number}".encode(), digest_size=BYTES).hexdigest()
        named.append(replace(one, fingerprint=digest))
    return named
