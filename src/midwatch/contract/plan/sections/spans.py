"""`spans`: the operations that services tell of."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from midwatch.contract.plan.section import Name, Remark, Section
from midwatch.contract.plan.telemetry import DECLARED_MAX, KEYS_MAX, Declared, misplaced


class ExpectedSpan(Declared):
    """Spans of this name, of any of its services."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    """`*` stands for anything: `POST /orders/*`."""
    kind: Literal["internal", "server", "client", "producer", "consumer"] | None = None
    attributes: tuple[Name, ...] = Field(default=(), max_length=KEYS_MAX)
    """What each of them has, under any of its names."""

    @property
    def title(self) -> str:
        return f"{', '.join(self.services)}: {self.name}" if self.services else self.name


Spans = tuple[ExpectedSpan, ...]


def _check(spans: Spans, sections: Mapping[str, Any]) -> Iterable[Remark]:
    seen: dict[Any, int] = {}
    for index, span in enumerate(spans):
        yield from (((index, *path), message) for path, message in misplaced(span, sections))
        if seen.setdefault((span.name, span.kind, span.services), index) != index:
            yield (index, "name"), f"name={span.name}: expected it once for the same services and kind"


SECTION: Section[Spans] = Section(
    name="spans",
    help="The operations that services tell of in traces, with the attributes that each of their spans has.",
    type=Annotated[Spans, Field(max_length=DECLARED_MAX)],
    empty=tuple,
    check=_check,
    example="""spans:
  - name: POST /api/sms/inbound
    services: [api]
    kind: server
    attributes: [http.route, correlation_id]
    always: true
  - name: llm *
    services: [worker]
    every: 1d
""",
)
