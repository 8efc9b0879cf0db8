"""`retention`: how long each signal is kept."""

from midwatch.contract.plan.section import Duration, Model, Section

DAY_SECONDS = 86400.0


class Retention(Model):
    """Seconds; 0 is for ever; what is not named stays as the server's settings say."""

    traces: Duration | None = None
    logs: Duration | None = None
    metrics: Duration | None = None

    @property
    def days(self) -> dict[str, float]:
        """Days of the signals that are named."""
        named = {"traces": self.traces, "logs": self.logs, "metrics": self.metrics}
        return {signal: seconds / DAY_SECONDS for signal, seconds in named.items() if seconds is not None}


SECTION: Section[Retention] = Section(
    name="retention",
    help="How long each signal is kept: a duration, or 0 for ever.",
    type=Retention,
    empty=Retention,
    example="""retention:
  traces: 7d
  logs: 14d
  metrics: 90d
""",
)
