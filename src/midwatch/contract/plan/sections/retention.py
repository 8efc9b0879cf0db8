"""`retention`: how long each signal is kept."""

from midwatch.contract.plan.section import Duration, Model, Section

DAY_SECONDS = 86400.0
_NO_SIGNALS = ("replays", "audit")


class Retention(Model):
    """Seconds; 0 is for ever; what is not named stays as the server's settings say."""

    traces: Duration | None = None
    logs: Duration | None = None
    metrics: Duration | None = None
    errors: Duration | None = None
    replays: Duration | None = None
    events: Duration | None = None
    domain_events: Duration | None = None
    audit: Duration | None = None
    """Midwatch's own audit log."""

    @property
    def days(self) -> dict[str, float]:
        """Days of the signals that are named."""
        named = {name: getattr(self, name) for name in type(self).model_fields if name not in _NO_SIGNALS}
        return {signal: seconds / DAY_SECONDS for signal, seconds in named.items() if seconds is not None}

    @property
    def audit_days(self) -> float | None:
        """Days of the audit log; None where they are not named."""
        return None if self.audit is None else self.audit / DAY_SECONDS

    @property
    def replay_days(self) -> float | None:
        """Days of session replays, which are no signal; None where they are not named."""
        return None if self.replays is None else self.replays / DAY_SECONDS


SECTION: Section[Retention] = Section(
    name="retention",
    help="How long each signal is kept: a duration, or 0 for ever.",
    type=Retention,
    empty=Retention,
    example="""retention:
  traces: 7d
  logs: 14d
  metrics: 90d
  errors: 90d
  replays: 30d
  events: 365d
  domain_events: 400d
  audit: 2y
""",
)
