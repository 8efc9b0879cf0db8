"""What went wrong inside the SDK: counted by reason, said once a minute at most, never raised into the app."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk import forks
from midwatch.sdk.streams import write_now

ENCODING: Final = "encoding"
QUEUE_FULL: Final = "queue_full"
REFUSED: Final = "refused"
UNREACHABLE: Final = "unreachable"
TOO_LARGE: Final = "too_large"

SAY_AGAIN_SECONDS = 60.0
DETAIL_MAX = 300
LOOKED_AT_MAX = 4 * DETAIL_MAX


class Problems:
    """Counts of what was lost, by what it was and the reason; any thread may add, a signal handler too."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._dropped: Counter[tuple[str, str]] = Counter()
        self._unsaid: Counter[tuple[str, str]] = Counter()
        self._said_at: dict[tuple[str, str], float] = {}
        self._begin()
        forks.in_child(self._forked)

    def dropped(self, signal: str, reason: str, count: int, detail: str = "") -> None:
        """Note that `count` items did not get through; say so on stderr, each reason once a minute."""
        key, now = (signal, reason), self._monotonic()
        with self._lock:
            self._dropped[key] += count
            self._unsaid[key] += count
            said_at = self._said_at.get(key)
            if said_at is not None and now - said_at < SAY_AGAIN_SECONDS:
                return
            self._said_at[key], unsaid = now, self._unsaid.pop(key)
        since = "; counted from now on" if said_at is None else f" in the last {now - said_at:.0f} seconds"
        self.say(f"dropped {unsaid} {signal} ({reason}){': ' + detail[:DETAIL_MAX] if detail else ''}{since}")

    def failed(self, signal: str, reason: str, error: BaseException) -> None:
        """One item was lost to this error, whatever the error is."""
        self.dropped(signal, reason, 1, described(error))

    def counts(self) -> dict[tuple[str, str], int]:
        with self._lock:
            return dict(self._dropped)

    def say_rest(self) -> None:
        """At the end: what was counted since it was last said."""
        with self._lock:
            unsaid = dict(self._unsaid)
            self._unsaid.clear()
        for (signal, reason), count in unsaid.items():
            self.say(f"dropped {count} more {signal} ({reason})")

    @staticmethod
    def say(message: str) -> None:
        """Straight to stderr: the app's logs must not carry what is wrong with them. Who does not read it misses it."""
        said = f"midwatch: {message}\n"
        try:
            try:
                fd = sys.stderr.fileno()
            except (OSError, ValueError, AttributeError):
                sys.stderr.write(said)
            else:
                write_now(fd, said.encode(errors="replace"))
        except (OSError, ValueError, AttributeError):
            # No stderr any more: a daemon, or the interpreter is leaving.
            return

    def _begin(self) -> None:
        # One that a signal handler may take while its own thread holds it.
        self._lock = threading.RLock()
        self._said_at.clear()
        self._unsaid.clear()

    def _forked(self) -> None:
        """What the parent lost, the parent counts."""
        self._dropped.clear()
        self._begin()


def described(error: BaseException) -> str:
    """Kind and text of an error, also of one that has none; nothing private is said on stderr either."""
    try:
        # Here, because redactors tell of problems, too.
        from midwatch.sdk.redaction_signals import in_force

        text = f"{type(error).__name__}: {safe_text(error)}"[:LOOKED_AT_MAX]
        return in_force().logs.text(text)[:DETAIL_MAX]
    except Exception:
        # Such as while the interpreter leaves: what nobody has looked through is not said.
        return type(error).__name__


PROBLEMS = Problems()
"""Of this process."""
