"""`services`: what the team runs and who answers for it."""

from collections.abc import Iterable, Mapping
from typing import Any

from midwatch.contract.plan.section import Model, Name, Remark, Section, Text


class Service(Model):
    """A value of `service.name`."""

    owner: Text = ""
    """A person or team."""
    description: Text = ""
    environments: tuple[Name, ...] = ()
    """Where it runs; empty: wherever it is seen."""


Services = dict[Name, Service]


def _check(services: Services, sections: Mapping[str, Any]) -> Iterable[Remark]:
    known = sections.get("environments")
    if not known:
        return
    for name, service in services.items():
        for index, environment in enumerate(service.environments):
            if environment not in known:
                path = (name, "environments", index)
                yield path, f"environment={environment}: expected one of {', '.join(known)}"


SECTION: Section[Services] = Section(
    name="services",
    help="What the team runs (`service.name`), and who answers for it.",
    type=Services,
    empty=dict,
    check=_check,
    example="""services:
  api:
    owner: backend
    description: What the apps talk to
    environments: [production, staging]
""",
)
