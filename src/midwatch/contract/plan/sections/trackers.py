"""`trackers`: where issues are made for errors, on a button."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from midwatch.contract.plan.section import Model, Name, Remark, Section

TRACKERS_MAX = 50
_APIS = {"github": "https://api.github.com", "gitlab": "https://gitlab.com/api/v4"}
WebUrl = Annotated[str, Field(max_length=1000, pattern=r"^https?://\S+$")]


class Tracker(Model):
    name: Name
    kind: Literal["github", "gitlab", "webhook"]
    repository: Annotated[str, Field(max_length=200)] = ""
    """`owner/name`, for GitLab the project's path or number."""
    url: WebUrl | None = None
    """Of the API, where it is not github.com or gitlab.com; of a webhook, which answers `{"url": …, "title": …}`."""
    token: Annotated[str, Field(max_length=500)] = ""
    token_file: Annotated[str, Field(max_length=1000)] = ""
    """A file below the plan's directory; the token itself need not be in the plan."""
    labels: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=100)], ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Tracker":
        if self.kind == "webhook" and self.url is None:
            raise ValueError("expected url, to which the issue is posted")
        if self.kind != "webhook" and not self.repository:
            raise ValueError("expected repository, such as owner/name")
        if self.token and self.token_file:
            raise ValueError("expected token or token_file, not both")
        return self

    @property
    def base(self) -> str:
        return (self.url or _APIS[self.kind]).rstrip("/")


Trackers = tuple[Tracker, ...]


def _check(trackers: Trackers, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    for index, one in enumerate(trackers):
        if first.setdefault(one.name, index) != index:
            yield (index, "name"), f"name={one.name}: expected a name that no other tracker has"


SECTION: Section[Trackers] = Section(
    name="trackers",
    help="Issue trackers in which an issue can be made for an error: GitHub, GitLab, or a webhook of your own.",
    type=Annotated[Trackers, Field(max_length=TRACKERS_MAX)],
    empty=tuple,
    check=_check,
    example="""trackers:
  - {name: shop, kind: github, repository: acme/shop, token_file: secrets/github, labels: [bug]}
  - {name: planning, kind: webhook, url: "https://planning.example.com/midwatch"}
""",
)
