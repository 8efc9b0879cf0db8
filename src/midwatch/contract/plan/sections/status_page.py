"""`status_page`: what the public is told, by component."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from midwatch.contract.plan.section import Model, Name, Remark, Section, Text

COMPONENTS_MAX = 100
MONITORS_MAX = 100
_PATH = re.compile(r"/[a-z0-9][a-z0-9/_-]{0,99}")
_HOST = re.compile(r"[a-z0-9.-]{1,253}")
TAKEN = (
    "/ack",
    "/alertmanager",
    "/alerts",
    "/analytics",
    "/api",
    "/array",
    "/assets",
    "/batch",
    "/capture",
    "/costs",
    "/dashboards",
    "/decide",
    "/docs",
    "/e",
    "/engage",
    "/errors",
    "/events",
    "/explore",
    "/failed-runs",
    "/flags",
    "/health",
    "/i",
    "/ingest",
    "/jaeger",
    "/logs",
    "/loki",
    "/metrics",
    "/ping",
    "/plan",
    "/privacy",
    "/prometheus",
    "/ready",
    "/releases",
    "/replays",
    "/s",
    "/send-data",
    "/service-map",
    "/services",
    "/settings",
    "/signin",
    "/sql",
    "/story",
    "/traces",
    "/track",
    "/tunnel",
    "/uptime",
    "/v1",
    "/vitals",
)
"""By the server's routes and the page's views; a test holds them against both."""


def _path(text: str) -> str:
    if not _PATH.fullmatch(text) or any(text == one or text.startswith(f"{one}/") for one in TAKEN):
        raise ValueError("expected a path of small letters and digits such as /status, that nothing else has")
    return text.rstrip("/")


def _host(text: str) -> str:
    if text and not _HOST.fullmatch(text):
        raise ValueError("expected the name of a host such as status.example.com, without a port")
    return text


class Component(Model):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    group: Annotated[str, Field(max_length=100)] = ""
    description: Annotated[str, Field(max_length=500)] = ""
    probes: tuple[Name, ...] = Field(default=(), max_length=MONITORS_MAX)
    """Its state is theirs; nobody sees their names."""
    heartbeats: tuple[Name, ...] = Field(default=(), max_length=MONITORS_MAX)


class StatusPage(Model):
    title: Annotated[str, Field(max_length=200)] = ""
    """Without one there is no page, unless one is made in the page's editor."""
    description: Text = ""
    path: Annotated[str, AfterValidator(_path)] = "/status"
    host: Annotated[str, AfterValidator(_host)] = ""
    """By which it is the whole site; besides the path."""
    subscribe_by_mail: bool = True
    """Whether the public can ask for mails; it takes a mail server in the `global` of `alertmanager.yml`."""
    components: tuple[Component, ...] = Field(default=(), max_length=COMPONENTS_MAX)


def _check(page: StatusPage, sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    known = {kind: {one.name for one in sections.get(kind, ())} for kind in ("probes", "heartbeats")}
    for index, component in enumerate(page.components):
        if first.setdefault(component.name, index) != index:
            yield ("components", index, "name"), f"name={component.name}: expected a name that no other component has"
        for place, name in enumerate(component.probes):
            if name not in known["probes"]:
                yield ("components", index, "probes", place), f"probe={name}: expected one of the plan's probes"
    if page.components and not page.title:
        yield ("components",), "expected a title: without one there is no page"


SECTION: Section[StatusPage] = Section(
    name="status_page",
    help="What the public is told, by component. Incidents and maintenance are written in the page.",
    type=StatusPage,
    empty=StatusPage,
    check=_check,
    example="""status_page:
  title: Shop status
  path: /status
  components:
    - {name: Website, group: Public}
    - {name: Invoices, description: Sent each night, heartbeats: [nightly-invoices]}
""",
)
