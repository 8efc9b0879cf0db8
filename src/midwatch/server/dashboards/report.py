"""What came of reading a dashboard: how much of it can be drawn, and what cannot and why."""

from dataclasses import dataclass, field

IGNORED_MAX = 500


class Refused(Exception):
    """A panel, a query or a transformation that cannot be drawn as it is meant; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a panel, or about the board where `panel` is None."""

    panel: int | None
    title: str
    reason: str


@dataclass(slots=True)
class Report:
    """`panels` counts all of them; `refused` has one remark for each that is not drawn."""

    panels: int = 0
    refused: list[Remark] = field(default_factory=list)
    ignored: list[Remark] = field(default_factory=list)
    """Settings that change nothing here: the panel is drawn without them. At most IGNORED_MAX are listed."""
    ignored_count: int = 0

    @property
    def drawable(self) -> int:
        return self.panels - len(self.refused)

    def ignore(self, panel: int | None, title: str, reason: str) -> None:
        self.ignored_count += 1
        if len(self.ignored) < IGNORED_MAX:
            self.ignored.append(Remark(panel, title, reason))
