"""Which errors are told, and as what: ignored ones, sampled ones, the team's categories."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from midwatch.contract.failures import SEVERITIES, CategoryRule

NEVER = ("asyncio.exceptions.CancelledError", "KeyboardInterrupt", "SystemExit", "GeneratorExit")
"""Ways to end, and no errors."""


@dataclass(frozen=True, slots=True)
class ErrorPolicy:
    """What `init(errors=…)` takes. Raises ValueError for what cannot be."""

    sample_rate: float = 1.0
    """The share of errors that is sent, 0 to 1; `errors_total` counts them all."""
    sample_rates: Mapping[str, float] = field(default_factory=dict)
    """Other shares, by severity: `{"warning": 0.1}`."""
    ignore: tuple[type[BaseException] | str, ...] = ()
    """Classes, or their names (`ValueError`, `app.errors.NotFound`); those below them too."""
    categories: tuple[CategoryRule, ...] = ()
    """The team's own rules; the first that fits wins, and all of them win over the defaults."""
    with_locals: bool = True
    """Whether frames carry their (scrubbed) variables."""

    def __post_init__(self) -> None:
        for name, share in (("sample_rate", self.sample_rate), *self.sample_rates.items()):
            if not 0 <= share <= 1:
                raise ValueError(f"errors: {name}={share!r}: expected a share from 0 to 1, such as 0.25")
        for severity in self.sample_rates:
            if severity not in SEVERITIES:
                raise ValueError(f"errors: sample_rates names {severity!r}: expected one of {', '.join(SEVERITIES)}")

    def share_of(self, severity: str) -> float:
        return self.sample_rates.get(severity, self.sample_rate)

    def ignores(self, error: BaseException) -> bool:
        names = set(NEVER)
        for one in self.ignore:
            if isinstance(one, str):
                names.add(one)
            elif isinstance(error, one):
                return True
        return not names.isdisjoint(names_of(type(error)))


def names_of(kind: type) -> tuple[str, ...]:
    """A class and those below it, each by its name alone and by its full name."""
    below = kind.__mro__[:-1]
    return tuple(name for one in below for name in (one.__qualname__, f"{one.__module__}.{one.__qualname__}"))
