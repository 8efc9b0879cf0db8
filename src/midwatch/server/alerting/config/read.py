"""`alertmanager.yml` of a plan → the configuration, or every problem with its line, column and the mended text."""

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from midwatch.contract.plan import Problem
from midwatch.contract.plan.document import read_document
from midwatch.contract.plan.readers import FileReader, ReadFiles
from midwatch.server.alerting.config.build import built_intervals, built_routes, built_rules
from midwatch.server.alerting.config.model import DocumentConfig
from midwatch.server.alerting.config.receivers import Kinds, read_receivers
from midwatch.server.alerting.config.remarks import remarks, with_root
from midwatch.server.alerting.config.shown import shown
from midwatch.server.alerting.config.validate import validated
from midwatch.server.alerting.configuration import Configuration

FILE = "alertmanager.yml"
_DOCUMENT: TypeAdapter[DocumentConfig] = TypeAdapter(DocumentConfig)


def alertmanager_reader(kinds: Kinds) -> FileReader:
    return FileReader(FILE, partial(read_files, kinds))


def read_files(kinds: Kinds, files: Mapping[str, str]) -> ReadFiles:
    if FILE not in files:
        return ReadFiles()
    text = files[FILE]
    configuration, problems = read_configuration(text, kinds)
    if configuration is None:
        return ReadFiles(problems=tuple(problems))
    return ReadFiles({FILE: configuration}, {FILE: _told(configuration, text)}, tuple(problems))


def read_configuration(text: str, kinds: Kinds, file: str = FILE) -> tuple[Configuration | None, list[Problem]]:
    """The configuration, None where there is an error, and everything that is remarkable. Never raises."""
    document = read_document(file, text, merge_keys=True)
    if document.problems:
        return None, document.problems
    tree = _without_nothing(document.value)
    if not isinstance(tree, dict):
        return None, [document.problem((), "expected a mapping with the keys route and receivers")]
    problems: list[Problem] = []
    tree, misplaced = with_root(tree, document)
    problems += misplaced
    parsed = validated(_DOCUMENT, tree, document, (), problems)
    entries = tree.get("receivers", [])
    everywhere = tree.get("global", {})
    receivers = read_receivers(
        entries if isinstance(entries, list) else [],
        everywhere if isinstance(everywhere, dict) else {},
        document,
        kinds,
        problems,
    )
    problems += remarks(tree, document, misplaced=bool(misplaced))
    problems = sorted(set(problems))
    if parsed is None or parsed.route is None or any(one.severity == "error" for one in problems):
        return None, problems
    configuration = Configuration(
        root=built_routes(parsed.route),
        receivers=receivers,
        inhibitions=built_rules(parsed.inhibit_rules),
        intervals=built_intervals(parsed),
        globals=parsed.global_,
        templates=parsed.templates,
        text=shown(tree, parsed.midwatch.holidays),
    )
    return configuration, problems


def _without_nothing(value: Any) -> Any:
    """A key without a value is as if it were not there."""
    if isinstance(value, dict):
        return {key: _without_nothing(one) for key, one in value.items() if one is not None}
    return [_without_nothing(one) for one in value] if isinstance(value, list) else value


def _told(configuration: Configuration, text: str) -> str:
    routes = sum(1 for _ in configuration.root.walk())
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{routes} routes, {len(configuration.receivers)} receivers ({digest})"
