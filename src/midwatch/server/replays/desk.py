"""What people do with replays: find them, watch them, delete them."""

import re
from collections.abc import Callable
from dataclasses import replace

from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.model.actor import Actor
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.privacy.scrubber import Scrubber
from midwatch.server.replays.keeper import blob_name
from midwatch.server.replays.sweeper import ReplaySweeper
from midwatch.server.workspace.replays import ReplayLedger, Told, Usage, Wanted, Whole

_CURSOR = re.compile(r"([0-9]{1,15})-([0-9a-f]{32})")


class ReplayDesk:
    def __init__(
        self, ledger: ReplayLedger, blobs: Blobs, sweeper: ReplaySweeper, privacy: Callable[[], PrivacyPolicy]
    ) -> None:
        """`privacy`: the rules in force, by which users are called."""
        self._ledger, self._blobs, self._sweeper, self._privacy = ledger, blobs, sweeper, privacy

    @property
    def retention_days(self) -> float:
        """0: for ever."""
        return self._sweeper.days

    @property
    def bytes_max(self) -> int:
        """Of all projects together."""
        return self._sweeper.bytes_max

    async def page(self, wanted: Wanted, *, limit: int, cursor: str | None) -> tuple[list[Told], str | None]:
        """Newest first, and where the next page begins.

        Raises:
            BadRequest: a cursor that is none of ours.
        """
        if cursor:
            found = _CURSOR.fullmatch(cursor)
            if found is None:
                raise BadRequest("cursor: expected the next_cursor of the page before")
            wanted = replace(wanted, before=(int(found[1]), found[2]))
        wanted = replace(wanted, user=self._called(wanted.user))
        rows = await self._ledger.page(wanted, limit + 1)
        following = None
        if len(rows) > limit:
            last = rows[limit - 1].row
            following = f"{last.started_ms}-{last.id}"
        return rows[:limit], following

    async def get(self, project: int, replay_id: str) -> Whole:
        """Raises NotFound."""
        found = await self._ledger.get(project, replay_id)
        if found is None:
            raise NotFound(f"cannot find replay {replay_id}: it was never sent, or is deleted by now")
        return found

    async def watch(self, actor: Actor, project: int, replay_id: str) -> None:
        """Noted before its recording is read. Raises NotFound."""
        await self.get(project, replay_id)
        await self._ledger.watched(actor, project, replay_id)

    async def segment(self, project: int, replay_id: str, segment: int) -> bytes:
        """A JSON array of rrweb's events, compressed by gzip. Raises NotFound."""
        content = None
        if await self._ledger.has_segment(project, replay_id, segment):
            content = await self._blobs.get(blob_name(project, replay_id, segment))
        if content is None:
            raise NotFound(f"cannot find segment {segment} of replay {replay_id}")
        return content

    async def delete(self, actor: Actor, project: int, replay_id: str) -> None:
        """Raises NotFound."""
        await self.get(project, replay_id)
        ids = await self._ledger.empty(actor, project, replay_id=replay_id)
        await self._sweeper.drop_blobs([(project, one) for one in ids])

    async def delete_of_user(self, actor: Actor, project: int, user: str) -> int:
        """All in which the user was at any time; how many that were."""
        ids = await self._ledger.empty(actor, project, user=self._called(user))
        await self._sweeper.drop_blobs([(project, one) for one in ids])
        return len(ids)

    async def delete_of_user_everywhere(self, actor: Actor, user: str) -> int:
        """The same in every project."""
        projects = await self._ledger.projects_of_user(self._called(user))
        return sum([await self.delete_of_user(actor, project, user) for project in projects])

    def _called(self, user: str) -> str:
        """As replays have it."""
        return Scrubber(self._privacy()).user_name(user) if user else user

    async def usage(self, project: int) -> Usage:
        return await self._ledger.usage(project)
