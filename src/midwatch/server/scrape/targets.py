"""What discovery finds → targets: labels before and after relabelling, and the address that is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from midwatch.contract.duration import format_duration, parse_duration
from midwatch.contract.plan.sections.scrape_configs import ScrapeConfig
from midwatch.server.scrape.relabel import Labels, relabeller, why_dropped

ADDRESS, SCHEME, PATH = "__address__", "__scheme__", "__metrics_path__"
INTERVAL, TIMEOUT = "__scrape_interval__", "__scrape_timeout__"
PARAM = "__param_"
JOB, INSTANCE = "job", "instance"
DROPPED_SHOWN_MAX = 500


@dataclass(frozen=True, slots=True)
class Group:
    """Targets that one source of discovery names together."""

    source: str
    targets: tuple[str, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """One page to ask for. Two of equal labels and address are one."""

    labels: tuple[tuple[str, str], ...]
    """Sorted; what every series of it gets."""
    url: str
    interval_seconds: float
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """What relabelling left out, as it was discovered."""

    labels: Labels
    reason: str
    """The step that did it, in words."""


@dataclass(slots=True)
class Found:
    """The targets of one job, each with its labels as they were discovered."""

    targets: dict[Target, Labels]
    dropped: list[Dropped]
    """The first of those that relabelling dropped."""
    dropped_count: int
    problems: list[str]
    """Of single targets, whose address or interval is none."""


def targets_of(config: ScrapeConfig, groups: Iterable[Group]) -> Found:
    relabel = relabeller(config.relabel_configs)
    found = Found({}, [], 0, [])
    for group in groups:
        for address in group.targets:
            discovered = _discovered(config, address, group.labels)
            labels = relabel(discovered)
            if labels is None:
                found.dropped_count += 1
                if len(found.dropped) < DROPPED_SHOWN_MAX:
                    found.dropped.append(Dropped(discovered, why_dropped(config.relabel_configs, discovered)))
                continue
            try:
                target = _target(config, labels)
            except ValueError as error:
                found.problems.append(f"{group.source}: {error}")
                continue
            found.targets.setdefault(target, discovered)
    return found


def _discovered(config: ScrapeConfig, address: str, group: Mapping[str, str]) -> Labels:
    labels = {
        ADDRESS: address,
        SCHEME: config.scheme,
        PATH: config.metrics_path,
        INTERVAL: format_duration(config.scrape_interval),
        TIMEOUT: format_duration(config.timeout_seconds),
        JOB: config.job_name,
    }
    labels |= {PARAM + name: values[0] for name, values in config.params.items() if values}
    return labels | {name: value for name, value in group.items() if value}


def _target(config: ScrapeConfig, labels: Labels) -> Target:
    """Raises ValueError."""
    address = labels.get(ADDRESS, "")
    if not address or "/" in address or any(character.isspace() for character in address):
        raise ValueError(f"__address__={address[:200]!r}: expected host:port")
    scheme, path = labels.get(SCHEME, ""), labels.get(PATH, "")
    if scheme not in ("http", "https"):
        raise ValueError(f"__scheme__={scheme[:40]!r}: expected http or https")
    interval = _seconds(labels, INTERVAL)
    timeout = _seconds(labels, TIMEOUT)
    if timeout > interval:
        raise ValueError(f"__scrape_timeout__={labels[TIMEOUT]}: expected at most the interval, {labels[INTERVAL]}")
    kept = {name: value for name, value in labels.items() if not name.startswith("__") and value}
    kept.setdefault(INSTANCE, address)
    query = _query(config, labels)
    path = path if path.startswith("/") else f"/{path}"
    url = f"{scheme}://{address}{path}" + (("&" if "?" in path else "?") + query if query else "")
    return Target(tuple(sorted(kept.items())), url, interval, timeout)


def _seconds(labels: Labels, name: str) -> float:
    text = labels.get(name, "")
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise ValueError(f"{name}={text[:40]!r}: {error}") from None
    if not seconds:
        raise ValueError(f"{name}={text[:40]!r}: expected more than 0")
    return seconds


def _query(config: ScrapeConfig, labels: Labels) -> str:
    """All values of the job's parameters; the first of each is what relabelling left in `__param_<name>`."""
    params = {name: list(values) for name, values in config.params.items()}
    for name, value in labels.items():
        if name.startswith(PARAM):
            params[name[len(PARAM) :]] = [value, *params.get(name[len(PARAM) :], [])[1:]]
    return urlencode([(name, value) for name in sorted(params) for value in params[name]])
