"""Dead letters as people deal with them: look, try again, drop; every act is in the audit log."""

import asyncio
from collections.abc import Callable

from midwatch.server.model.actor import Actor
from midwatch.server.model.timerange import format_time
from midwatch.server.schemas.system import DeadLetter, DeadLetterDetail, DeadLetterList
from midwatch.server.wal.dead_letters import DeadLetters, Letter
from midwatch.server.wal.log import WriteAheadLog
from midwatch.server.workspace.workspace import Workspace

LISTED_MAX = 500


class LetterDesk:
    def __init__(
        self,
        letters: DeadLetters,
        log: WriteAheadLog,
        workspace: Workspace,
        key_names: Callable[[], dict[str, str]],
    ) -> None:
        self._letters = letters
        self._log = log
        self._workspace = workspace
        self._key_names = key_names

    async def list(self) -> DeadLetterList:
        found = await asyncio.to_thread(self._letters.all)
        return DeadLetterList(letters=[self._shown(letter) for letter in found[:LISTED_MAX]], total=len(found))

    async def show(self, letter_id: str) -> DeadLetterDetail:
        letter = await asyncio.to_thread(self._letters.get, letter_id)
        preview = await asyncio.to_thread(self._letters.preview, letter_id)
        return DeadLetterDetail(**self._shown(letter).model_dump(), preview=preview)

    async def retry(self, letter_id: str, actor: Actor) -> None:
        """Raises Conflict when its bytes are damaged: the store could not read them either."""
        await self._workspace.audit(actor, "dead_letter.retry", letter_id)
        await self._log.retry(letter_id)

    async def drop(self, letter_id: str, actor: Actor) -> None:
        await self._workspace.audit(actor, "dead_letter.drop", letter_id)
        await asyncio.to_thread(self._letters.drop, letter_id)

    def _shown(self, letter: Letter) -> DeadLetter:
        return DeadLetter(
            id=letter.id,
            signal=letter.kind.signal.value,
            time=format_time(letter.time_ns),
            key=self._key_names().get(letter.key_id, letter.key_id),
            bytes=letter.bytes,
            error=letter.error,
        )
