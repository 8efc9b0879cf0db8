"""The lock of `prometheus_client`'s shared values, and forks."""

from typing import Any

from midwatch.sdk import forks


class ValuesLock:
    """The one lock of all values of this process: a thread that holds it must not leave it locked in a child."""

    def __init__(self, lock: Any) -> None:
        self._lock = lock
        self._held = False
        forks.around(self._hold, self._release)
        forks.in_child(self._release)

    def _hold(self) -> None:
        self._held = self._lock.acquire(timeout=1.0)

    def _release(self) -> None:
        if self._held:
            self._held = False
            self._lock.release()


def lock_of(value_class: Any) -> Any:
    """None where prometheus_client has none any more."""
    cells = (cell.cell_contents for cell in value_class.inc.__closure__ or ())
    return next((one for one in cells if hasattr(one, "acquire")), None)
