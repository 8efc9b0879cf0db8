"""What was found before: a file of fingerprints, so that CI fails for what is new alone."""

import json
from collections.abc import Iterable
from pathlib import Path

from midwatch.audit.finding import Finding

VERSION = 1
BYTES_MAX = 32 << 20


class BaselineUnreadable(Exception):
    """The message says why, and what to do."""


def read(path: Path) -> frozenset[str]:
    """Raises BaselineUnreadable."""
    try:
        if path.stat().st_size > BYTES_MAX:
            raise BaselineUnreadable(f"cannot read the baseline {path}: expected at most {BYTES_MAX:,} bytes")
        document = json.loads(path.read_text("utf-8"))
        if document["version"] != VERSION:
            raise BaselineUnreadable(
                f"cannot read the baseline {path}: version {document['version']!r}, expected {VERSION}"
            )
        return frozenset(str(one["fingerprint"]) for one in document["findings"])
    except OSError as error:
        raise BaselineUnreadable(
            f"cannot read the baseline {path}: {error.strerror}; write it with --write-baseline"
        ) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BaselineUnreadable(f"cannot read the baseline {path}: expected what --write-baseline writes") from None


def text(findings: Iterable[Finding]) -> str:
    """For people to read in a diff: one line a finding, in the order of files; lines of code are not in it."""
    entries = [
        {"fingerprint": one.fingerprint, "rule": one.rule.id, "file": one.file, "message": one.message}
        for one in findings
    ]
    lines = ",\n".join(f"    {json.dumps(one, ensure_ascii=False)}" for one in entries)
    return (
        f'{{\n  "version": {VERSION},\n  "findings": [\n{lines}\n  ]\n}}\n'
        if entries
        else f'{{"version": {VERSION}, "findings": []}}\n'
    )
