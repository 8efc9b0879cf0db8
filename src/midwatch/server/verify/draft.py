"""A first `midwatch.yml`, written by looking at what arrives."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from midwatch.contract.log_names import is_built_in, is_event_name
from midwatch.contract.plan.sections import derived_metrics
from midwatch.contract.plan.sections.metrics import is_metric_name
from midwatch.server.verify.asked import Asked, Monitored
from midwatch.server.verify.checks.metrics import GIVEN_LABELS, SCOPE_LABELS
from midwatch.server.verify.observed.lines import shares_of_keys
from midwatch.server.verify.observed.log_events import SeenEvent, seen_events
from midwatch.server.verify.observed.metrics import SeenMetric, family_of, seen_metrics
from midwatch.server.verify.observed.places import seen_places
from midwatch.server.verify.snippets import event_snippet, nameable, quoted

EVENTS_MAX, METRICS_MAX, SERVICES_MAX = 300, 300, 200
TYPES = ("counter", "gauge", "histogram", "summary")
OWN_METRICS = (
    *("midwatch_", "probe_", "heartbeat_", "scrape_", "up", "ALERTS", "process_", "python_", "otel_", "target_info"),
    *(
        "state_transitions",
        "http_server_",
        "http_client_",
        "http_requests",
        "http_request_",
        "http_active_",
        "health_check_",
    ),
)
"""How names begin of metrics that SDKs and Midwatch have by themselves: those need no declaration to be right."""
SHARE_MIN = 0.5
HEAD = """# What this system is to tell, as it told it when `midwatch init` looked. Now it is yours: take out what is
# noise, add owners, and say `always: true` or `every: 1h` of what must not stay away. Then:
#
#   midwatch schema > observability/midwatch.schema.json     for editors
#   midwatch check             every mistake with its line
#   midwatch apply             put it in force
#   midwatch verify            what does not arrive as it stands here

"""

REST = """# Further sections, each with an example in docs/plan.md: privacy, sampling, retention, errors, spans,
# health_checks, probes, wire (requests that `midwatch verify --wire` follows), runbooks, status_page, on_call.
"""


@dataclass(frozen=True, slots=True)
class Draft:
    text: str
    services: int
    events: int
    metrics: int


async def drafted(asked: Asked) -> Draft:
    """Good by `midwatch check`, and by `midwatch verify` on the same data as far as its sections go."""
    places = await seen_places(asked)
    events = await seen_events(asked)
    services = sorted({one.service for one in places if nameable(one.service)})[:SERVICES_MAX]
    environments = sorted({one.environment for one in places if nameable(one.environment)})
    own = [one for name, one in sorted(events.items()) if is_event_name(name) and not is_built_in(name)][:EVENTS_MAX]
    derived = {one.name for one in asked[derived_metrics.SECTION]}
    families = [one for one in _families(await seen_metrics(asked)) if one.name not in derived][:METRICS_MAX]
    beats = {one.name: one for one in await asked.rooms.heartbeats() if one.seen and nameable(one.name)}
    parts = (
        _named("environments", environments, "default: true marks the one that is shown first; aliases: [prod]"),
        _named("services", services, "owner: who answers for it"),
        _required(await shares_of_keys(asked)),
        _events(own),
        _metrics(families),
        _heartbeats([beats[name] for name in sorted(beats)]),
        REST,
    )
    return Draft(HEAD + "\n".join(filter(None, parts)), len(services), len(own), len(families))


def _named(section: str, names: list[str], remark: str) -> str:
    return f"{section}:  # {remark}\n" + "".join(f"  {quoted(name)}: {{}}\n" for name in names) if names else ""


def _required(shares: Mapping[str, float]) -> str:
    """Keys that are there by now; a share is kept below what it is."""
    lines = []
    for key, share in shares.items():
        if share == 1:
            lines.append(f"  - {key}\n")
        elif key == "correlation_id" and share >= SHARE_MIN:
            lines.append(f"  - {{key: {key}, at_least: {math.floor(share * 100) / 100:g}}}\n")
    return "required_keys:  # what every line of every service has\n" + "".join(lines) if lines else ""


def _events(events: list[SeenEvent]) -> str:
    entries = "".join(event_snippet(one) for one in events)
    return (
        f"log_events:  # keys: those that each line had; level, services: those that told it\n{entries}"
        if events
        else ""
    )


@dataclass(frozen=True, slots=True)
class _Family:
    name: str
    type: str
    labels: tuple[str, ...]


def _families(seen: Mapping[str, SeenMetric]) -> list[_Family]:
    """Of series, the metrics that a team would name; those that no type is known of are left out."""
    names = Counter(one.given for one in seen.values())
    found: dict[str, _Family] = {}
    for one in seen.values():
        if one.type not in TYPES or one.name.startswith(OWN_METRICS):
            continue
        family = family_of(one.name) if one.type in ("histogram", "summary") else one.name
        name = one.given if one.given and names[one.given] == 1 else family
        labels = sorted(
            label for label in one.labels if label not in GIVEN_LABELS and not label.startswith(SCOPE_LABELS)
        )
        if is_metric_name(name):
            found.setdefault(name, _Family(name, one.type, tuple(labels)))
    return [found[name] for name in sorted(found)]


def _metrics(families: list[_Family]) -> str:
    lines = [
        f"  {one.name}: {{type: {one.type}, labels: [{', '.join(map(quoted, one.labels))}]}}\n" for one in families
    ]
    return (
        "metrics:  # labels: those that its series had; values: labels: {reason: [timeout, refused]}\n" + "".join(lines)
        if lines
        else ""
    )


def _heartbeats(beats: list[Monitored]) -> str:
    lines = [f"  - {{name: {quoted(one.name)}, {one.expected or 'every: 1d'}}}\n" for one in beats]
    return "heartbeats:  # grace: how late is too late\n" + "".join(lines) if lines else ""
