"""The files of a plan's `runbooks/`."""

import hashlib
from collections.abc import Iterator, Mapping

from midwatch.contract.plan import Problem
from midwatch.contract.plan.readers import FileReader, ReadFiles
from midwatch.server.gotemplate import TemplateError
from midwatch.server.promql import ParseError, parse
from midwatch.server.promql.syntax import ParserOptions
from midwatch.server.runbooks.document import Live, Mistake, Runbook, read_runbook
from midwatch.server.runbooks.filled import tried

FOLDER = "runbooks"
TEXT_MAX = 256 * 1024
_OPTIONS = ParserOptions.everything()


def name_of(file: str) -> str:
    """`runbooks/api/errors.md` is `api/errors`."""
    return file.removeprefix(f"{FOLDER}/").removesuffix(".md")


def read_runbooks(files: Mapping[str, str]) -> ReadFiles:
    values: dict[str, Runbook] = {}
    told: dict[str, str] = {}
    problems: list[Problem] = []
    for file, text in sorted(files.items()):
        if not file.endswith(".md"):
            problems.append(Problem(file, 1, 1, "is not read: runbooks are Markdown, *.md", "warning"))
            continue
        if len(text) > TEXT_MAX:
            problems.append(Problem(file, 1, 1, f"expected at most {TEXT_MAX:,} characters, got {len(text):,}"))
            continue
        try:
            found = read_runbook(name_of(file), text, file=file)
        except Mistake as mistake:
            problems.append(Problem(file, mistake.line, 1, str(mistake)))
            continue
        problems += _doubts(found)
        values[file] = found
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        told[file.removeprefix(f"{FOLDER}/")] = f"{found.title}, {len(found.steps)} steps ({digest})"
    return ReadFiles(values, told, tuple(problems))


def _doubts(runbook: Runbook) -> Iterator[Problem]:
    for block in runbook.blocks:
        if not isinstance(block, Live):
            continue
        try:
            query = tried(block)
        except TemplateError as error:
            yield Problem(runbook.file, block.line + error.line - 1, error.column, str(error))
            continue
        if block.language != "promql":
            continue
        try:
            parse(query, _OPTIONS)
        except ParseError as error:
            yield Problem(runbook.file, block.line, 1, f"is no PromQL, even with every label in it: {error}", "warning")


RUNBOOK_FILES = FileReader(FOLDER, read_runbooks)
