"""`probing`: how probes are judged, whatever they look at."""

from typing import Annotated

from pydantic import Field

from midwatch.contract.plan.probes.expect import HostPort
from midwatch.contract.plan.section import Model, Name, Section

REFERENCES_MAX = 20


class Probing(Model):
    reference_targets: tuple[HostPort, ...] = Field(default=(), max_length=REFERENCES_MAX)
    """Asked when a probe fails: where none of them can be reached either, the fault is the network of who asks.

    Without any, other probes' targets serve."""
    location: Name = "server"
    """What the server's own location is called."""
    quorum: Annotated[int, Field(ge=1, le=50)] | None = None
    """Of probes that have none of their own."""


SECTION: Section[Probing] = Section(
    name="probing",
    help="How probes tell a fault of theirs from one of Midwatch's own network, and how many locations must agree.",
    type=Probing,
    empty=Probing,
    example="""probing:
  reference_targets: ["one.one.one.one:443", "dns.quad9.net:443"]
  quorum: 2
""",
)
