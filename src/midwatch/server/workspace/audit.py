"""What is noted of every administrative act, in the transaction of the act itself: neither is without the other."""

from typing import Any

from midwatch.server.model.clock import Clock
from midwatch.server.workspace.models import AuditRow


def noted(
    clock: Clock, actor: str, action: str, target: str, details: dict[str, Any] | None = None, address: str = ""
) -> AuditRow:
    """The row that tells who did what to whom; added to a session by whoever does it."""
    return AuditRow(
        time_ms=clock.now_ns() // 1_000_000,
        actor=actor[:254],
        action=action,
        target=target[:300],
        details=details or {},
        address=address,
    )
