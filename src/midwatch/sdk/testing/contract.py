"""What a capture has seen, held against the plan's contract."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from midwatch.contract.plan import Plan, load, read_files
from midwatch.contract.plan.log_contract import LogContract, canonical_environment, contract_of
from midwatch.contract.plan.sections import environments, metrics
from midwatch.sdk.setup import in_force
from midwatch.sdk.testing.seen import Seen
from midwatch.sdk.testing.values import Line

GIVEN_LABELS = frozenset({"job", "env", "instance", "le", "quantile"})
"""Labels that a series has by itself."""


def breaches(seen: Seen, directory: str | PathLike[str], environment: str) -> list[str]:
    """Each line and metric that is not as the plan has it, and how. Raises ValueError for a plan with errors."""
    loaded = load(read_files(Path(directory)))
    if loaded.plan is None:
        raise ValueError("; ".join(f"{directory}/{problem}" for problem in loaded.errors[:5]))
    contract = contract_of(loaded.plan)
    running = in_force()
    service = running.options.service if running is not None else ""
    where = environment or (running.options.environment if running is not None else "")
    where = canonical_environment(loaded.plan[environments.SECTION], where)
    found = dict.fromkeys(_of_lines(seen, contract, service, where))
    return [*found, *_of_metrics(seen, loaded.plan)]


def _of_lines(seen: Seen, contract: LogContract, service: str, environment: str) -> Iterator[str]:
    names = {event.event_id: event.name for event in seen.events}
    for line in seen.lines:
        attributes = _attributes(line)
        name = contract.name_of(names.get(str(line.fields.get("event.id", "")), ""), attributes, line.message)
        for complaint in contract.complaints(
            name, line.level, attributes, service=service, environment=environment or "test"
        ):
            yield f"{line.title} {complaint}"


def _attributes(line: Line) -> dict[str, object]:
    ids = {"correlation_id": line.correlation_id, "request_id": line.request_id}
    return {**line.fields, **{name: value for name, value in ids.items() if value}}


def _of_metrics(seen: Seen, plan: Plan) -> Iterator[str]:
    """Labels of declared metrics that were measured meanwhile."""
    came = seen.metrics.labels()
    for name, metric in plan[metrics.SECTION].items():
        if metric.labels is None:
            continue
        flat = name.replace(".", "_")
        allowed = {label.replace(".", "_"): values for label, values in metric.labels.items()}
        for sent in {flat, flat.removesuffix("_total"), f"{flat}_total", f"{flat}_count"} & came.keys():
            for labels in came[sent]:
                for label, value in labels.items():
                    if label in GIVEN_LABELS:
                        continue
                    if label not in allowed:
                        yield f"metric {name} has the label {label}, which is not declared"
                    elif allowed[label] and value not in allowed[label]:
                        yield f"metric {name} has {label}={value!r}: expected {', '.join(allowed[label])}"
