"""`environments`: where the same services run, and what else people call these places."""

from collections.abc import Iterable, Mapping
from typing import Any

from midwatch.contract.plan.section import Model, Name, Remark, Section, Text


class Environment(Model):
    """A value of `deployment.environment.name`."""

    description: Text = ""
    default: bool = False
    """Shown first; at most one environment is."""
    aliases: tuple[Name, ...] = ()
    """Other names that mean the same: `prod` for `production`."""


Environments = dict[Name, Environment]


def _check(environments: Environments, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    defaults = [name for name, environment in environments.items() if environment.default]
    for name in defaults[1:]:
        yield (name, "default"), f"default=true: expected one default environment; {defaults[0]} is one already"
    owners = {name: name for name in environments}
    for name, environment in environments.items():
        for index, alias in enumerate(environment.aliases):
            if alias in owners:
                yield (name, "aliases", index), f"alias={alias}: expected a name of its own; {owners[alias]} has it"
            owners.setdefault(alias, name)


SECTION: Section[Environments] = Section(
    name="environments",
    help="Where the same services run (`deployment.environment.name`).",
    type=Environments,
    empty=dict,
    check=_check,
    example="""environments:
  production:
    default: true
    aliases: [prod, live]
  staging: {}
""",
)
