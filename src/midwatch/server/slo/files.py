"""The files of a plan's `slos/`: Sloth's and OpenSLO's."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from midwatch.contract.plan import Problem
from midwatch.contract.plan.document import Document, Path, read_document
from midwatch.contract.plan.explain import explained, listed
from midwatch.contract.plan.readers import FileReader, ReadFiles
from midwatch.server.slo.generated import never_fires
from midwatch.server.slo.objective import Objective
from midwatch.server.slo.openslo import API_VERSION, KINDS, Metadata, Named, SliSpec, SloSpec, objectives
from midwatch.server.slo.queries import BadQuery
from midwatch.server.slo.sloth import VERSION, SlothFile
from midwatch.server.slo.windows import WINDOW_DAYS_MAX, WINDOW_DAYS_MIN

FOLDER = "slos"
OBJECTIVES_MAX = 500
_NEXT_DOCUMENT = re.compile(r"^---[ \t]*(?:#.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Placed:
    """An objective, and where problems with it are told."""

    objective: Objective
    document: Document
    path: Path


class _Reading:
    def __init__(self) -> None:
        self.placed: list[_Placed] = []
        self.problems: list[Problem] = []
        self.named = Named()
        self._slos: list[tuple[Document, Metadata, SloSpec]] = []

    def read(self, file: str, text: str) -> None:
        for part in _documents(text):
            document = read_document(file, part)
            self.problems += document.problems
            if document.problems or document.value is None:
                continue
            self._take(document)

    def _take(self, document: Document) -> None:
        value = document.value
        if not isinstance(value, dict):
            self.problems.append(document.problem((), "expected a mapping, of Sloth's form or OpenSLO's"))
        elif "version" in value:
            self._sloth(document)
        elif value.get("apiVersion") == API_VERSION:
            self._openslo(document)
        else:
            message = f"expected version: {VERSION} (Sloth) or apiVersion: {API_VERSION} (OpenSLO)"
            self.problems.append(document.problem(("apiVersion",), message))

    def _sloth(self, document: Document) -> None:
        found = self._validated(SlothFile, document, ())
        if found is None:
            return
        if not found.slos:
            self.problems.append(document.problem(("slos",), "slos: expected at least one objective"))
        for index in range(len(found.slos)):
            path = ("slos", index)
            try:
                self.placed.append(_Placed(found.objective(index, document.file), document, path))
            except BadQuery as error:
                self.problems.append(document.problem((*path, "sli", *error.path), str(error)))

    def _openslo(self, document: Document) -> None:
        kind = document.value.get("kind")
        if kind not in KINDS:
            self.problems.append(document.problem(("kind",), f"kind={kind}: expected one of {', '.join(KINDS)}"))
            return
        metadata = self._validated(Metadata, document, ("metadata",))
        if metadata is None:
            return
        spec = document.value.get("spec")
        if kind == "SLO" and (slo := self._validated(SloSpec, document, ("spec",))) is not None:
            self._slos.append((document, metadata, slo))
        elif kind == "SLI" and (sli := self._validated(SliSpec, document, ("spec",))) is not None:
            self.named.indicators[metadata.name] = sli
        elif kind == "AlertPolicy" and isinstance(spec, dict):
            self.named.policies[metadata.name] = spec
        elif kind == "AlertCondition" and isinstance(spec, dict):
            self.named.conditions[metadata.name] = spec

    def _validated(self, form: Any, document: Document, path: Path) -> Any:
        adapter: TypeAdapter[Any] = TypeAdapter(form)
        value = document.value
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        try:
            return adapter.validate_python(listed(value))
        except ValidationError as error:
            self.problems += explained(error, adapter, document, path)
            return None

    def finish(self) -> None:
        """What needs all files: names that OpenSLO's objects call one another by, and ids."""
        for document, metadata, spec in self._slos:
            try:
                made = objectives(metadata, spec, self.named, document.file)
            except BadQuery as error:
                self.problems.append(document.problem(("spec",), str(error)))
                continue
            self.placed += [_Placed(one, document, ("spec", "objectives")) for one in made]
        owners: dict[str, str] = {}
        for one in self.placed:
            self.problems += _remarks(one, owners)
            owners.setdefault(one.objective.id, one.objective.file)


def _remarks(placed: _Placed, owners: Mapping[str, str]) -> Iterator[Problem]:
    one, document = placed.objective, placed.document
    if one.id in owners:
        yield document.problem(placed.path, f"{one.id}: {owners[one.id]} has an objective of this service and name")
    if not WINDOW_DAYS_MIN <= one.days <= WINDOW_DAYS_MAX:
        message = f"{one.id}: expected a window of {WINDOW_DAYS_MIN} to {WINDOW_DAYS_MAX} days, got {one.window}"
        yield document.problem(placed.path, message)
    for window in never_fires(one):
        message = (
            f"{one.id}: its {window.urgency} alert over {window.long} can never fire: a budget of {one.budget:.3g} "
            f"burning {window.factor(one.window_seconds):g} times too fast is more than every event; "
            "disable it, or use a target nearer to 100 %"
        )
        yield replace(document.problem(placed.path, message), severity="warning")


def _documents(text: str) -> Iterator[str]:
    """Each with as many empty lines before it as it has lines above it, so that places are those of the file."""
    start = 0
    for found in [*_NEXT_DOCUMENT.finditer(text), None]:
        end = found.start() if found else len(text)
        part = text[start:end]
        if part.strip():
            yield "\n" * text.count("\n", 0, start) + part
        start = found.end() if found else end


def read_objectives(files: Mapping[str, str]) -> ReadFiles:
    """All objectives of a plan, by file."""
    reading = _Reading()
    for file, text in sorted(files.items()):
        reading.read(file, text)
    reading.finish()
    if len(reading.placed) > OBJECTIVES_MAX:
        one = reading.placed[OBJECTIVES_MAX]
        message = f"expected at most {OBJECTIVES_MAX} objectives in all files, got {len(reading.placed)}"
        reading.problems.append(one.document.problem(one.path, message))
    values: dict[str, list[Objective]] = {}
    for placed in reading.placed:
        values.setdefault(placed.objective.file, []).append(placed.objective)
    return ReadFiles(values, _told(files, values), tuple(reading.problems))


def _told(files: Mapping[str, str], values: Mapping[str, list[Objective]]) -> dict[str, str]:
    told = {}
    for file, found in values.items():
        digest = hashlib.sha256(files[file].encode("utf-8", "surrogatepass")).hexdigest()[:12]
        names = ", ".join(f"{one.id} {one.target * 100:g} %" for one in found)
        told[file.removeprefix(f"{FOLDER}/")] = f"{names} ({digest})"
    return told


SLO_FILES = FileReader(FOLDER, read_objectives)
