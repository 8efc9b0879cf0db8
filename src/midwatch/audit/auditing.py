"""An audit as a whole: files → facts and findings → what is missing → a report."""

import importlib.util
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from midwatch.audit import manifests, sources
from midwatch.audit.finding import PYTHON, SEVERITIES, Fact, Finding, NotRead, Severity, Side
from midwatch.audit.fingerprints import fingerprinted
from midwatch.audit.inventory import EVENT
from midwatch.audit.project.looks import LOOKS
from midwatch.audit.project.whole import Whole
from midwatch.audit.reading import Looked, look_at
from midwatch.audit.sources import Source
from midwatch.audit.suppressions import Suppressed

PARSERS = ("tree_sitter", "tree_sitter_javascript", "tree_sitter_typescript")
INSTALL = 'pip install "midwatch[audit]"'
FILES_FOR_PROCESSES = 800
"""Of fewer, starting processes takes longer than they save: a file takes about a millisecond."""
CHUNK = 25


@dataclass(frozen=True, slots=True)
class Options:
    ignored: tuple[str, ...] = ()
    """Globs of files, below the root."""
    rules_off: frozenset[str] = frozenset()
    """Ids."""
    tests: bool = False
    """Whether tests are judged as the rest is."""
    events: frozenset[str] = frozenset()
    """Names of the plan's events; empty where there is no plan."""
    baseline: frozenset[str] | None = None
    """Fingerprints that are known."""
    processes: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    root: str
    findings: tuple[Finding, ...]
    """The worst first."""
    known: tuple[Finding, ...]
    """Those of the baseline."""
    suppressed: tuple[Suppressed, ...]
    facts: tuple[Fact, ...]
    not_read: tuple[NotRead, ...]
    files: dict[str, int]
    """How many were looked at: by language, `tests`, and `left out`."""
    notes: tuple[str, ...] = ()
    events: frozenset[str] = frozenset()
    gone: int = 0
    """Entries of the baseline that were not found any more."""
    rules_off: frozenset[str] = field(default=frozenset())

    def at_least(self, severity: Severity) -> list[Finding]:
        least = SEVERITIES.index(severity)
        return [one for one in self.findings if SEVERITIES.index(one.severity) >= least]


def audit(root: Path, options: Options) -> Report:
    """Look at everything below `root`. Raises OSError where that cannot be read at all."""
    if not root.exists():
        raise FileNotFoundError(f"cannot audit {root}: there is nothing of that name")
    found = sources.find(root, options.ignored)
    notes: list[str] = []
    judged, tests = _chosen(found.sources, options, notes)
    looked = list(_looked(judged, options.processes))
    facts = [fact for one in looked for fact in one.facts]
    facts += manifests.read(found.manifests)
    facts = list(_marked(facts, options.events))
    sides: set[Side] = {PYTHON} if any("needs" in note for note in notes) else {PYTHON, "node", "browser"}
    whole = Whole(tuple(facts), options.events, frozenset(sides))
    findings = [finding for one in looked for finding in one.findings]
    suppressed = [one for file in looked for one in file.suppressed]
    held = {one.source.name: one.suppressions for one in looked if one.suppressions}
    for look in LOOKS:
        for finding in look(whole):
            reason = held[finding.file].of(finding) if finding.file in held else None
            if reason is None:
                findings.append(finding)
            else:
                suppressed.append(Suppressed(finding, reason))
    notes += [
        f"{name}:{line}: `{word}` is no rule that could be ignored"
        for name, one in held.items()
        for line, word in one.unknown
    ]
    named = fingerprinted(one for one in findings if one.rule.id not in options.rules_off)
    known = options.baseline or frozenset()
    named.sort(key=lambda one: (-SEVERITIES.index(one.severity), one.rule.id, one.place))
    counts = {
        "python": sum(1 for one in looked if one.source.language == "python" and not one.not_read),
        "javascript": sum(1 for one in looked if one.source.language == "javascript" and not one.not_read),
        "tests": tests,
        "left out": found.left_out,
    }
    return Report(
        root=str(root),
        findings=tuple(one for one in named if one.fingerprint not in known),
        known=tuple(one for one in named if one.fingerprint in known),
        suppressed=tuple(one for one in suppressed if one.finding.rule.id not in options.rules_off),
        facts=tuple(facts),
        not_read=(*found.not_read, *(one.not_read for one in looked if one.not_read)),
        files=counts,
        notes=tuple(notes),
        events=options.events,
        gone=len(known - {one.fingerprint for one in named}),
        rules_off=options.rules_off,
    )


def parsers_are_missing() -> bool:
    return any(importlib.util.find_spec(one) is None for one in PARSERS)


def _chosen(all_of_them: Sequence[Source], options: Options, notes: list[str]) -> tuple[list[Source], int]:
    """The files to look at, and how many tests are left aside."""
    chosen = [
        Source(one.path, one.name, one.language, "app") if options.tests and one.kind == "test" else one
        for one in all_of_them
    ]
    tests = sum(1 for one in chosen if one.kind == "test")
    chosen = [one for one in chosen if one.kind != "test"]
    scripts = sum(1 for one in chosen if one.language == "javascript")
    if scripts and parsers_are_missing():
        notes.append(f"{scripts} files of TypeScript and JavaScript were not looked at: that needs {INSTALL}")
        chosen = [one for one in chosen if one.language != "javascript"]
    return chosen, tests


def _looked(chosen: Sequence[Source], processes: int | None) -> Iterator[Looked]:
    """In the order of files, whichever process is first."""
    count = processes or min(os.cpu_count() or 1, 8)
    if count == 1 or len(chosen) < FILES_FOR_PROCESSES:
        yield from map(look_at, chosen)
        return
    done = 0
    try:
        with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
            for one in pool.map(look_at, chosen, chunksize=CHUNK):
                done += 1
                yield one
    except BrokenProcessPool:
        yield from _one_by_one(chosen[done:])


def _one_by_one(rest: Iterable[Source]) -> Iterator[Looked]:
    """After a process has died: each file in one of its own, so that the file that kills it is told."""
    for source in rest:
        try:
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                yield pool.submit(look_at, source).result()
        except BrokenProcessPool:
            yield Looked(source, not_read=NotRead(source.name, "ended the process that read it"))


def _marked(facts: Iterable[Fact], events: frozenset[str]) -> Iterator[Fact]:
    """Events are covered where the plan names them."""
    for one in facts:
        if one.kind == EVENT and events:
            yield Fact(one.kind, one.name, one.side, one.file, one.line, one.name in events, one.column)
        else:
            yield one
