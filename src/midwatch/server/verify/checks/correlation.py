"""Services that drop the correlation id: whoever called them had it."""

from midwatch.contract import fields
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.finding import Finding, Outcome
from midwatch.server.verify.observed.correlation import Call, calls
from midwatch.server.verify.registry import Check
from midwatch.server.verify.words import share


async def run(asked: Asked) -> Outcome:
    outcome = Outcome()
    required = any(fields.canonical(one.key) == fields.CORRELATION_ID for one in asked.contract.required)
    for call in await calls(asked.source, asked.scope):
        outcome.add(
            Finding(
                kind="correlation_lost" if call.lost >= call.replaced else "correlation_replaced",
                severity="error" if required else "warning",
                subject=f"{call.source} → {call.target}",
                expected=f"the correlation id of {call.source} on spans or lines of {call.target}",
                found=f"{_found(call)} in {share(call.broken, call.calls)} of {call.calls:,} traces",
                todo=f"Let {call.source} send x-correlation-id with what it asks {call.target} (the SDK's HTTP clients"
                f" do), and let {call.target} read it.",
                since_ns=call.since_ns,
                link=asked.link(f"/traces/{call.example}"),
            )
        )
    return outcome


def _found(call: Call) -> str:
    return "none" if not call.replaced else "another one" if not call.lost else "none, or another one"


CHECK = Check("correlation", "Correlation", 70, run)
