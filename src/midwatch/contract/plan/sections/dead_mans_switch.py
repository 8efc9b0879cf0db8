"""`dead_mans_switch`: an address outside that is pinged while all is well, and raises the alarm when the pings stop."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainSerializer, model_validator

from midwatch.contract.plan.scrape.access import MASK
from midwatch.contract.plan.section import Duration, Model, Section

INTERVAL_SECONDS_MIN = 10.0


def _url(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("expected an http or https URL")
    return text


class DeadMansSwitch(Model):
    url: Annotated[
        str,
        Field(max_length=2000),
        AfterValidator(_url),
        PlainSerializer(lambda text: MASK if text else "", return_type=str),
    ] = ""
    """Of a monitor elsewhere that expects pings: Healthchecks, Dead Man's Snitch, another Midwatch's heartbeat."""
    interval: Duration = 60.0
    timeout: Duration = 10.0

    @model_validator(mode="after")
    def _sensible(self) -> "DeadMansSwitch":
        if self.interval < INTERVAL_SECONDS_MIN:
            raise ValueError("expected an interval of at least 10s")
        if not 0 < self.timeout <= 60:
            raise ValueError("expected a timeout above 0 and at most 1m")
        return self


SECTION: Section[DeadMansSwitch] = Section(
    name="dead_mans_switch",
    help="An address outside that is pinged while rules are judged and notifications are delivered.",
    type=DeadMansSwitch,
    empty=DeadMansSwitch,
    example="""dead_mans_switch:
  url: https://hc-ping.com/00000000-0000-0000-0000-000000000000
  interval: 1m
""",
)
