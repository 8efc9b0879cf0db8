"""Code of one file → what is told of it."""

from pathlib import Path

from midwatch.audit import Fact, Finding, Options, audit


def judged(folder: Path, name: str, code: str) -> list[tuple[str, int]]:
    """Rules and lines, in the order of the file; what is missing in the whole is left aside."""
    return [
        (one.rule.name, one.line)
        for one in sorted(findings(folder, name, code), key=lambda one: one.place)
        if not one.rule.name.startswith(("no-", "shallow"))
    ]


def findings(folder: Path, name: str, code: str) -> tuple[Finding, ...]:
    write(folder, {name: code})
    return audit(folder, Options()).findings


def facts(folder: Path, files: dict[str, str]) -> tuple[Fact, ...]:
    write(folder, files)
    return audit(folder, Options()).facts


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
