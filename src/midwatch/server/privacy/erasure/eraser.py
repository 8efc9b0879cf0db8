"""`midwatch erase`: everything that is kept of one person is found, removed, and looked for once more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.model.actor import Actor
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.errors import BadRequest, StoreError
from midwatch.server.privacy.erasure.files import blobs_with, drop_letters, letters_with
from midwatch.server.privacy.erasure.person import CHARACTERS_MAX, CHARACTERS_MIN, Person
from midwatch.server.store.erasing import Searched, StoreErasing
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.workspace.erasing import WorkspaceErasing

LEASE = "erasure"
WAL_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.2


class Log(Protocol):
    """The write-ahead log."""

    def waiting(self) -> frozenset[str]:
        """Segments of which queries see nothing yet, or a part."""
        ...


class Leases(Protocol):
    def hold(self, name: str) -> AbstractAsyncContextManager[Any]: ...


class Replays(Protocol):
    async def delete(self, actor: Actor, project: int, replay_id: str) -> None: ...

    async def delete_of_user_everywhere(self, actor: Actor, user: str) -> int: ...


class Audit(Protocol):
    async def audit(self, actor: Actor, action: str, target: str, details: dict[str, Any] | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done, and how far it is."""

    step: str
    """search, erase, parts, proof, or end."""
    place: str
    """A table, or `blobs`, `replays`, `dead letters`, `workspace`."""
    found: int
    """Search and proof: what is there; erase: what went."""


class Eraser:
    """One at a time, whichever server is asked."""

    def __init__(
        self,
        store: StoreErasing,
        workspace: WorkspaceErasing,
        blobs: Blobs,
        replays: Replays,
        letters: DeadLetters,
        log: Log,
        audit: Audit,
        leases: Leases,
        policy: Callable[[], PrivacyPolicy],
    ) -> None:
        self._store, self._workspace, self._blobs, self._replays = store, workspace, blobs, replays
        self._letters, self._log, self._audit, self._leases, self._policy = letters, log, audit, leases, policy

    async def person(self, user: str) -> Person:
        """By all that is known of the names. Raises BadRequest for an id that names too many."""
        others = await self._store.other_names(user)
        names = [user, *(name for name in others if CHARACTERS_MIN <= len(name) <= CHARACTERS_MAX)]
        try:
            return Person.of(tuple(dict.fromkeys(names)), self._policy())
        except ValueError as error:
            raise BadRequest(f"user: {error}") from None

    async def search(self, person: Person) -> AsyncIterator[Step]:
        """All that is kept of the person, without a change."""
        for searched in await self._store.tables():
            yield Step("search", searched.table, await self._store.count(searched, person.pattern()))
        yield Step("search", "blobs", len([name async for name in blobs_with(self._blobs, person)]))
        yield Step("search", "dead letters", len(await asyncio.to_thread(letters_with, self._letters, person)))
        yield Step("search", "workspace", await self._workspace.count(person.names, person.without))

    async def erase(self, actor: Actor, person: Person, reason: str) -> AsyncIterator[Step]:
        """What is found goes; then the same search, whose steps are of `proof`. Audited without the person's names.

        Raises:
            StoreError: the store does not do it; what went is gone, and it can be asked again.
        """
        async with self._leases.hold(LEASE):
            who = self._pseudonym(person)
            await self._audit.audit(actor, "privacy.erase", who, {"reason": person.without(reason)})
            gone = 0
            async for step in self._erased(actor, person):
                gone += step.found if step.step == "erase" else 0
                yield step
            left = 0
            async for step in self.search(person):
                left += step.found
                yield Step("proof", step.place, step.found)
            await self._audit.audit(actor, "privacy.erased", who, {"gone": gone, "left": left})
            yield Step("end", "", left)

    async def _erased(self, actor: Actor, person: Person) -> AsyncIterator[Step]:
        await self._stored()
        pattern = person.pattern()
        events = await self._store.events(pattern)
        replays = [await self._replays.delete_of_user_everywhere(actor, name) for name in person.names]
        yield Step("erase", "replays", sum(replays))
        files = 0
        for project, event_id in events:
            for folder in ("attachments", "profiles"):
                files += await self._blobs.drop(f"{folder}/{project}/{event_id}")
        async for name in blobs_with(self._blobs, person):
            await self._drop(actor, name)
            files += 1
        yield Step("erase", "blobs", files)
        letters = await asyncio.to_thread(letters_with, self._letters, person)
        await asyncio.to_thread(drop_letters, self._letters, letters)
        yield Step("erase", "dead letters", len(letters))
        touched: list[Searched] = []
        for searched in await self._store.tables():
            rows = 0
            async for count in self._store.delete(searched, pattern):
                rows += count
                yield Step("erase", searched.table, count)
            if rows:
                touched.append(searched)
        if touched:
            await self._store.forget_parts([one.table for one in touched])
            yield Step("parts", "", 0)
        yield Step("erase", "workspace", await self._workspace.erase(person.names, person.without))

    async def _stored(self) -> None:
        """What was acknowledged before is where it is looked for; what a digest makes of it, too."""
        for _ in range(2):
            before = self._log.waiting()
            try:
                async with asyncio.timeout(WAL_SECONDS_MAX):
                    while before & self._log.waiting():  # noqa: ASYNC110 - pieces come and go
                        await asyncio.sleep(LOOK_SECONDS)
            except TimeoutError:
                raise StoreError("cannot erase: what came in is not stored yet; see `midwatch status`") from None

    async def _drop(self, actor: Actor, name: str) -> None:
        folder, project, identity, *_ = name.split("/")
        if folder == "replays":
            await self._replays.delete(actor, int(project), identity)
        else:
            await self._blobs.drop(name)

    def _pseudonym(self, person: Person) -> str:
        policy = self._policy()
        key = policy.keys.current if policy.keys else policy.ids
        # Another hash than the one that stands for the person elsewhere, for that is removed.
        return key.hash(f"erasure {person.names[0]}") if key else ""
