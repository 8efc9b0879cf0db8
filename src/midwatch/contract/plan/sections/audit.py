"""What `midwatch audit` leaves aside in this code base."""

from typing import Annotated

from pydantic import Field

from midwatch.contract.plan.section import Model, Section

RULES_MAX = 100
GLOBS_MAX = 200

Glob = Annotated[str, Field(min_length=1, max_length=500)]
RuleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=60)]


class Audit(Model):
    ignore: Annotated[tuple[Glob, ...], Field(max_length=GLOBS_MAX)] = ()
    """Globs of files, from the root of the code base: `legacy/`, `**/generated_*.py`."""
    rules_off: Annotated[tuple[RuleName, ...], Field(max_length=RULES_MAX)] = ()
    """Ids or names: MW102, values-in-message."""


SECTION: Section[Audit] = Section(
    name="audit",
    help=(
        "What `midwatch audit` leaves aside in this code base: files by globs from its root, rules by id or name. "
        "See [Auditing](auditing.md). The server does nothing with it."
    ),
    type=Audit,
    empty=Audit,
    example="""\
audit:
  ignore: [legacy/, "**/vendor_*.py"]
  rules_off: [values-in-message]
""",
)
