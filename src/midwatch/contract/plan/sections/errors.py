"""`errors`: what is one issue, what is kept, and what is told of."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from midwatch.contract.failures import CategoryRule
from midwatch.contract.plan.section import Model, Name, Section

RULES_MAX = 200
PER_MINUTE_MAX = 10_000_000
FIELDS = (
    *("error.type", "error.value", "message", "level", "logger", "release", "environment", "transaction"),
    *("path", "module", "function", "platform", "url", "sdk"),
)
_EXPECTED = f"one of {', '.join(FIELDS)}, or tags.<name>"

Pattern = Annotated[str, Field(min_length=1, max_length=500)]
Match = Annotated[dict[Annotated[str, Field(max_length=220)], Pattern], Field(min_length=1, max_length=20)]
"""Field → pattern with `*` and `?`, without regard to case; all have to fit."""
PerMinute = Annotated[int, Field(ge=1, le=PER_MINUTE_MAX)]
Severity = Literal["critical", "error", "warning", "info"]
Share = Annotated[float, Field(ge=0, le=1)]


def _check_fields(match: Mapping[str, str]) -> None:
    for name in match:
        if name not in FIELDS and not (name.startswith("tags.") and len(name) > 5):
            raise ValueError(f"{name}: expected {_EXPECTED}")


class Fingerprint(Model):
    """Events that match are one issue by what `fingerprint` says, whatever they look like."""

    match: Match
    fingerprint: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=500)], ...], Field(min_length=1, max_length=20)
    ]
    """Texts with variables such as `{{ default }}`, `{{ error.type }}`, `{{ transaction }}`, `{{ tags.tenant }}`."""
    title: Annotated[str, Field(max_length=250)] = ""

    @model_validator(mode="after")
    def _fields(self) -> "Fingerprint":
        _check_fields(self.match)
        return self


class Category(Model):
    """A category of the team's own; one thing that fits is enough. Before the built-in ones."""

    category: Name
    types: Annotated[tuple[Pattern, ...], Field(max_length=200)] = ()
    """Classes, with or without their modules."""
    codes: Annotated[tuple[Pattern, ...], Field(max_length=200)] = ()
    """How the error's code begins."""
    statuses: Annotated[tuple[int, ...], Field(max_length=100)] = ()
    words: Annotated[tuple[Pattern, ...], Field(max_length=200)] = ()
    """Parts of the message."""
    modules: Annotated[tuple[Pattern, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Category":
        if not (self.types or self.codes or self.statuses or self.words or self.modules):
            raise ValueError("expected at least one of types, codes, statuses, words, modules")
        return self

    @property
    def rule(self) -> CategoryRule:
        words = tuple(word.lower() for word in self.words)
        return CategoryRule(self.category, self.types, self.codes, self.statuses, words, self.modules)


class SeverityOf(Model):
    match: Match
    severity: Severity

    @model_validator(mode="after")
    def _fields(self) -> "SeverityOf":
        _check_fields(self.match)
        return self


class Inbound(Model):
    """What is counted and not kept."""

    browser_extensions: bool = True
    crawlers: bool = True
    localhost: bool = False
    releases: Annotated[tuple[Pattern, ...], Field(max_length=RULES_MAX)] = ()
    messages: Annotated[tuple[Pattern, ...], Field(max_length=RULES_MAX)] = ()
    ignore: Annotated[tuple[Match, ...], Field(max_length=RULES_MAX)] = ()

    @model_validator(mode="after")
    def _fields(self) -> "Inbound":
        for match in self.ignore:
            _check_fields(match)
        return self


class ErrorLimits(Model):
    """Events a minute; above them an event is counted and what it carries is not kept."""

    per_issue: PerMinute = 60
    per_key: PerMinute = 6000
    spike: PerMinute = 30_000
    """Of a key; above this its events are dropped, and counted as `spike_protection`."""


class Tell(Model):
    """Which alerts issues make by themselves (NewIssue, RegressedIssue, SpikingIssue), by alertmanager.yml's routes."""

    new: bool = True
    regressed: bool = True
    spiking: bool = True
    severities: Annotated[tuple[Severity, ...], Field(max_length=4)] = ("critical", "error")


class Errors(Model):
    grouping: Literal[1, 2] = 2
    """The version of the algorithm; see `midwatch`'s page on errors for what each does."""
    fingerprints: Annotated[tuple[Fingerprint, ...], Field(max_length=RULES_MAX)] = ()
    """The first that fits holds, also over what senders say."""
    categories: Annotated[tuple[Category, ...], Field(max_length=RULES_MAX)] = ()
    severities: Annotated[tuple[SeverityOf, ...], Field(max_length=RULES_MAX)] = ()
    sampling: dict[Severity, Share] = Field(default_factory=dict)
    """Share that is kept, by severity; counts stand for all."""
    inbound: Inbound = Field(default_factory=Inbound)
    limits: ErrorLimits = Field(default_factory=ErrorLimits)
    tell: Tell = Field(default_factory=Tell)


SECTION: Section[Errors] = Section(
    name="errors",
    help="What is one issue, which categories and severities errors have, what is kept of them, and what is told.",
    type=Errors,
    empty=Errors,
    example="""errors:
  fingerprints:
    - match: {error.type: OperationalError, error.value: "*connection refused*"}
      fingerprint: [database-gone]
      title: The database is gone
  categories:
    - {category: sms_outbound, types: [TwilioRestException], modules: [app.sms]}
  severities:
    - {match: {tags.tenant: internal}, severity: info}
  sampling: {info: 0.1}
  inbound:
    localhost: true
    messages: ["ResizeObserver loop*"]
  limits: {per_issue: 60}
  tell: {severities: [critical, error]}
""",
)
