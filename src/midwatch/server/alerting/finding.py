"""An alert by its fingerprint: as it is known, or as history has it."""

from midwatch.server.alerting.desk import AlertDesk
from midwatch.server.alerting.history import Happening
from midwatch.server.model.alert import Alert
from midwatch.server.workspace.alerting import AlertingState

_LIVES = (Happening.FIRING.value, Happening.RESOLVED.value)


class AlertFinder:
    def __init__(self, desk: AlertDesk, kept: AlertingState) -> None:
        self._desk, self._kept = desk, kept

    async def __call__(self, fingerprint: str) -> Alert | None:
        """History has no annotations; None: it never fired."""
        known = (await self._desk.current()).known.get(fingerprint)
        if known is not None:
            return known.alert
        rows = await self._kept.events(fingerprint=fingerprint, kinds=_LIVES, limit=20)
        began = next((row for row in rows if row.kind == Happening.FIRING), None)
        if began is None:
            return None
        ended = next((row.at_ns for row in rows if row.kind == Happening.RESOLVED and row.at_ns >= began.at_ns), None)
        return Alert(dict(began.labels), began.at_ns, began.at_ns if ended is None else ended)
