"""The plan in force: checked, compared, applied, remembered, audited."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog

from midwatch.contract.plan import Change, Plan, Problem, difference, load
from midwatch.contract.plan.load import EMPTY, Check, Loaded
from midwatch.contract.plan.readers import FileReader
from midwatch.contract.plan.sections import sections
from midwatch.server.model.actor import Actor
from midwatch.server.model.errors import Conflict
from midwatch.server.plan.effects import Effect

log = structlog.get_logger(__name__)

DOCUMENT = "plan"
API = "API"
"""The source of what was sent, and not read from a directory."""
AUDITED_CHANGES_MAX = 200


Lint = Callable[[Mapping[str, str], Plan], Awaitable[Sequence[Problem]]]
"""What is doubtful in the texts of a plan that can be put in force; for its errors it is not."""


class Document(Protocol):
    """A remembered value, as the workspace hands it out."""

    @property
    def value(self) -> Any: ...

    @property
    def version(self) -> Any: ...

    @property
    def changed_ms(self) -> Any: ...

    @property
    def changed_by(self) -> Any: ...


class Ledger(Protocol):
    """The workspace, as far as the plan needs it."""

    async def get_document(self, name: str) -> Document | None: ...

    async def put_document(self, name: str, value: dict[str, Any], actor: str) -> None: ...

    async def audit(self, actor: Actor, action: str, target: str, details: dict[str, Any] | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a check or an apply."""

    ok: bool
    problems: tuple[Problem, ...]
    changes: tuple[Change, ...] = ()
    applied: bool = False


@dataclass(frozen=True, slots=True)
class InForce:
    """A plan, and who put it in force when and from where; all None before the first."""

    plan: Plan
    version: int = 0
    source: str | None = None
    applied_ms: int | None = None
    applied_by: str | None = None

    def described(self) -> dict[str, Any]:
        """Effective values by section, defaults included, as JSON."""
        return {
            name: section.adapter.dump_python(self.plan.values[name], mode="json")
            for name, section in sections().items()
        }


class PlanKeeper:
    """One per server. All methods are for the event loop; parsing runs in a thread."""

    def __init__(
        self,
        ledger: Ledger,
        effects: Sequence[Effect],
        readers: Sequence[FileReader] = (),
        checks: Sequence[Check] = (),
        lint: Lint | None = None,
    ) -> None:
        """`lint` looks at what is not in force yet: a plan that was accepted is not refused for what is known later."""
        self._ledger = ledger
        self._readers = tuple(readers)
        self._checks = tuple(checks)
        self._lint = lint
        self._effects = tuple(effects)
        self._changing = asyncio.Lock()
        self._parsing = asyncio.Lock()
        self.in_force = InForce(EMPTY)
        self.refused: tuple[Problem, ...] = ()
        """Problems of the newest version in the plan directory, while an older one stays in force because of them."""

    async def open(self) -> None:
        """Put in force what was in force before; without one, the defaults."""
        if not await self.refresh():
            await self._put_in_force(self.in_force.plan)

    async def refresh(self) -> bool:
        """Take over what another server has put in force meanwhile; true when there was something."""
        async with self._changing:
            document = await self._ledger.get_document(DOCUMENT)
            if document is None or document.version == self.in_force.version:
                return False
            loaded = await self._load(document.value["files"])
            if loaded.plan is None:
                log.error("plan.unreadable", problems=[str(problem) for problem in loaded.errors][:20])
                self.in_force = replace(self.in_force, version=document.version)
                self.refused = loaded.problems
                return False
            await self._put_in_force(loaded.plan)
            self.in_force = _described_by(document, loaded.plan)
            return True

    async def check(self, files: Mapping[str, str]) -> Outcome:
        """What `apply` would answer; changes nothing."""
        loaded = await self._linted(files, await self._load(files))
        if loaded.plan is None:
            return Outcome(False, loaded.problems)
        return Outcome(True, loaded.problems, self._changes(loaded.plan))

    async def apply(self, files: Mapping[str, str], actor: Actor, *, source: str, after: Any | None = None) -> Outcome:
        """Put a plan in force, if it is free of errors and differs from the one in force.

        When an effect or the database fails, the plan before is put back and the error raised.

        Raises:
            Conflict: with `after`, the version that the files were made from is no longer the newest.
        """
        loaded = await self._load(files)
        if loaded.plan is not None and self._changes(loaded.plan):
            loaded = await self._linted(files, loaded)
        if loaded.plan is None:
            return Outcome(False, loaded.problems)
        async with self._changing:
            if after is not None and after != _version(await self._ledger.get_document(DOCUMENT)):
                raise Conflict("the plan was changed meanwhile: try again")
            changes = self._changes(loaded.plan)
            if changes:
                await self._change_to(loaded.plan, files, actor, source, changes)
            return Outcome(True, loaded.problems, changes, applied=bool(changes))

    async def add_file(self, name: str, text: str, actor: Actor) -> Outcome:
        """Put one more file in force beside those that are.

        Raises:
            Conflict: there is a file of that name with another text, the plan comes from a directory, or it was changed
                meanwhile.
        """
        document = await self._ledger.get_document(DOCUMENT)
        files: dict[str, str] = {} if document is None else document.value["files"]
        if document is not None and document.value["source"] != API:
            raise Conflict(f"the plan comes from {document.value['source']}: put {name} there")
        if files.get(name, text) != text:
            raise Conflict(f"{name}: the plan has another file of that name: choose another, or change it there")
        return await self.apply({**files, name: text}, actor, source=API, after=_version(document))

    async def _load(self, files: Mapping[str, str]) -> Loaded:
        async with self._parsing:  # one at a time: parsing is Python, and ingest wants the interpreter too
            return await asyncio.to_thread(load, files, self._readers, self._checks)

    async def _linted(self, files: Mapping[str, str], loaded: Loaded) -> Loaded:
        if loaded.plan is None or self._lint is None:
            return loaded
        problems = tuple(sorted({*loaded.problems, *await self._lint(files, loaded.plan)}))
        linted = Loaded(loaded.plan, problems)
        return Loaded(None, problems) if linted.errors else linted

    def _changes(self, plan: Plan) -> tuple[Change, ...]:
        return tuple(difference(self.in_force.plan.written, plan.written))

    async def _change_to(
        self, plan: Plan, files: Mapping[str, str], actor: Actor, source: str, changes: Sequence[Change]
    ) -> None:
        before = self.in_force.plan
        try:
            await self._put_in_force(plan)
            await self._ledger.put_document(DOCUMENT, {"files": dict(files), "source": source}, actor.name)
        except BaseException:
            await asyncio.shield(self._put_in_force(before))
            raise
        document = await self._ledger.get_document(DOCUMENT)
        self.in_force = _described_by(document, plan) if document else replace(self.in_force, plan=plan)
        told = [f"{change.kind} {change.path}" for change in changes[:AUDITED_CHANGES_MAX]]
        await self._ledger.audit(actor, "plan.apply", source, {"changes": told, "count": len(changes)})
        log.info("plan.applied", source=source, by=actor.name, changes=told)

    async def _put_in_force(self, plan: Plan) -> None:
        for effect in self._effects:
            await effect(plan)


def _version(document: Document | None) -> Any:
    """Of the newest plan; 0 before the first."""
    return 0 if document is None else document.version


def _described_by(document: Document, plan: Plan) -> InForce:
    source = document.value.get("source")
    return InForce(plan, document.version, source, document.changed_ms, document.changed_by)
