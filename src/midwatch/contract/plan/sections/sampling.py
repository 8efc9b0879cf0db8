"""`sampling`: how much of what happens an app tells of, by environment."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from midwatch.contract.plan.section import Model, Name, Remark, Section

SHARE_EXPECTED = "a share from 0 to 1, such as 0.25"


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"expected {SHARE_EXPECTED}")
    return float(value)


Share = Annotated[float, BeforeValidator(_share), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]


class Sampling(Model):
    """Of one environment; what is not named is as the app's options and variables say."""

    traces: Share | None = None
    """The share of traces that is kept."""
    log_level: Literal["debug", "info", "warning", "error", "critical"] | None = None
    """The least level of lines."""


Samplings = dict[Name, Sampling]


def sampling_of(samplings: Samplings, environments: Mapping[str, Any], environment: str) -> Sampling:
    """What holds in that environment, also where it goes by another of its names."""
    names = [name for name, one in environments.items() if environment in (name, *one.aliases)]
    return next((samplings[name] for name in (environment, *names) if name in samplings), Sampling())


def _check(samplings: Samplings, sections: Mapping[str, Any]) -> Iterable[Remark]:
    known: Mapping[str, Any] = sections.get("environments") or {}
    for name in samplings:
        if known and name not in known:
            yield (name,), f"environment={name}: expected one of {', '.join(known)}"


SECTION: Section[Samplings] = Section(
    name="sampling",
    help="How much apps tell of, by environment.",
    type=Samplings,
    empty=dict,
    check=_check,
    example="""sampling:
  production: {traces: 0.25, log_level: info}
  staging: {traces: 1, log_level: debug}
""",
)
