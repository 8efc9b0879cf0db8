"""Another process for bodies whose check would hold up everybody else's."""

from collections.abc import Callable

import structlog

from midwatch.server.ingest.checks import Body
from midwatch.server.model.errors import Unavailable
from midwatch.server.other_process import OtherProcess, ProcessLost

log = structlog.get_logger(__name__)

CHECK_SECONDS_MAX = 60.0


class Checkers:
    """Started with the first large body, so that who sends none pays nothing."""

    def __init__(self) -> None:
        self._process = OtherProcess(call_seconds_max=CHECK_SECONDS_MAX)

    async def run(self, check: Callable[[bytes], Body], raw: bytes) -> Body:
        """
        Raises:
            BadRequest: what the check says.
            Unavailable: the process ended (memory), or takes too long.
        """
        try:
            return await self._process.run(check, raw)
        except ProcessLost as error:
            log.warning("ingest.checker_lost", error=str(error))
            raise Unavailable("cannot check the body: the checking process ended", code="checker_lost") from None

    def close(self) -> None:
        self._process.close()
