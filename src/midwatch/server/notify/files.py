"""The plan's own templates: `templates/*.tmpl`."""

import hashlib
from collections.abc import Mapping

from midwatch.contract.plan.problem import Problem
from midwatch.contract.plan.readers import FileReader, ReadFiles
from midwatch.server.notify.texts import TemplateError, Texts

FOLDER = "templates"
SUFFIX = ".tmpl"


def read_templates(files: Mapping[str, str]) -> ReadFiles:
    """Each by itself first, so that every file's first mistake is told."""
    values: dict[str, str] = {}
    told: dict[str, str] = {}
    problems: list[Problem] = []
    for file, text in sorted(files.items()):
        if not file.endswith(SUFFIX):
            problems.append(Problem(file, 1, 1, f"is not read: templates are *{SUFFIX}", "warning"))
            continue
        try:
            Texts({file: text})
        except TemplateError as error:
            problems.append(Problem(file, error.line, error.column, error.message))
            continue
        values[file] = text
        told[file.removeprefix(f"{FOLDER}/")] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return ReadFiles(values, told, tuple(problems))


TEMPLATE_FILES = FileReader(FOLDER, read_templates)
