"""One file: read, parsed and looked at. Runs in processes of its own where there are many."""

from dataclasses import dataclass

from midwatch.audit.finding import Fact, Finding, NotRead
from midwatch.audit.sources import Source, read
from midwatch.audit.suppressions import Suppressed, Suppressions, split
from midwatch.audit.suppressions import read as read_suppressions


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one file."""

    source: Source
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    facts: tuple[Fact, ...] = ()
    suppressions: Suppressions | None = None
    """Where there are any: findings of the whole stand in this file, too."""
    not_read: NotRead | None = None


def look_at(source: Source) -> Looked:
    """Never raises: whatever a file brings up is told beside the others' findings."""
    text = read(source)
    if isinstance(text, NotRead):
        return Looked(source, not_read=text)
    try:
        found = _looked(source, text)
    except Exception as error:
        return Looked(
            source,
            not_read=NotRead(
                source.name, f"could not be judged, which is a fault of midwatch: {type(error).__name__}: {error}"
            ),
        )
    if isinstance(found, NotRead):
        return Looked(source, not_read=found)
    held = read_suppressions(text)
    findings, suppressed = split((one for one in found if isinstance(one, Finding)), held)
    facts = tuple(one for one in found if isinstance(one, Fact))
    used = held if held.by_line or held.for_file or held.unknown else None
    return Looked(source, tuple(findings), tuple(suppressed), facts, used)


def _looked(source: Source, text: str) -> list[Finding | Fact] | NotRead:
    found: list[Finding | Fact] = []
    if source.language == "python":
        from midwatch.audit.python.looks import LOOKS as python_looks
        from midwatch.audit.python.module import Unparsable as NoPython
        from midwatch.audit.python.module import parse as parse_python

        try:
            module = parse_python(source.name, text, source.kind)
        except NoPython as error:
            return NotRead(source.name, str(error))
        for look in python_looks:
            found += look(module)
        return found
    from midwatch.audit.javascript.looks import LOOKS as javascript_looks
    from midwatch.audit.javascript.module import Unparsable as NoJavaScript
    from midwatch.audit.javascript.module import parse as parse_javascript

    try:
        script = parse_javascript(source.name, text, source.kind)
    except NoJavaScript as error:
        return NotRead(source.name, str(error))
    for looking in javascript_looks:
        found += looking(script)
    return found
