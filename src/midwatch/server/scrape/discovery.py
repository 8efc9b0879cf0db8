"""Where targets come from: written in the plan, in files, or told by an HTTP service."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Protocol

import structlog
import yaml

from midwatch.contract.plan.sections.scrape_configs import FileSdConfig, HttpSdConfig, StaticConfig
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.scrape.fetch import Fetcher, FetchFailed
from midwatch.server.scrape.targets import Group

log = structlog.get_logger(__name__)

FILES_LOOKED_AT_SECONDS = 5.0
"""Files are looked at at least so often: directories on networks and in containers tell of no changes."""
FETCH_SECONDS_MAX = 30.0
TARGETS_MAX = 50_000
"""Of one source."""


class Tell(Protocol):
    """Told of the groups of a source whenever they change, and of the problem where it cannot be read."""

    def __call__(self, groups: Sequence[Group] | None, problem: str) -> None: ...


class BadGroups(Exception):
    """What a file or service says is no list of targets."""


def static_groups(configs: Sequence[StaticConfig]) -> list[Group]:
    return [Group(f"static_configs[{index}]", one.targets, one.labels) for index, one in enumerate(configs)]


async def watch_files(config: FileSdConfig, files: PlanFiles, tell: Tell) -> None:
    """Until cancelled. A file that cannot be read keeps what it said before."""
    known: dict[str, tuple[str, list[Group]]] = {}
    told: tuple[list[Group], str] | None = None
    while True:
        texts, problems = await asyncio.to_thread(_read, config, files)
        now: dict[str, tuple[str, list[Group]]] = {}
        for path, text in texts.items():
            if path in known and known[path][0] == text:
                now[path] = known[path]
                continue
            try:
                now[path] = (text, groups_in(text, path, {"__meta_filepath": path}))
            except BadGroups as error:
                problems.append(str(error))
                if path in known:
                    now[path] = known[path]
        if problems and not texts:
            now = known
        known = now
        news = ([group for _, groups in known.values() for group in groups], "; ".join(problems))
        if news != told:
            told = news
            tell(*news)
        await asyncio.sleep(min(config.refresh_interval or FILES_LOOKED_AT_SECONDS, FILES_LOOKED_AT_SECONDS))


async def ask_service(config: HttpSdConfig, files: PlanFiles, tell: Tell) -> None:
    """Until cancelled. A service that does not answer keeps what it said before."""
    fetcher: Fetcher | None = None
    interval = max(config.refresh_interval, 1.0)
    headers = {"accept": "application/json", "x-prometheus-refresh-interval-seconds": f"{interval:g}"}
    told: tuple[list[Group] | None, str] | None = None
    try:
        while True:
            news: tuple[list[Group] | None, str]
            try:
                fetcher = fetcher or Fetcher(config, files)
                timeout = min(interval, FETCH_SECONDS_MAX)
                fetched = await fetcher.get(config.url, timeout_seconds=timeout, headers=headers)
                if not fetched.content_type.strip().lower().startswith("application/json"):
                    raise BadGroups(f"content-type={fetched.content_type[:80]!r}: expected application/json")
                news = (groups_in(fetched.text, config.url, {"__meta_url": config.url}), "")
            except (FetchFailed, BadGroups) as error:
                news = (None, f"{config.url}: {error}")
            if news != told:
                told = news
                tell(*news)
            await asyncio.sleep(interval)
    finally:
        if fetcher is not None:
            await fetcher.close()


def groups_in(text: str, source: str, more: dict[str, str]) -> list[Group]:
    """`[{"targets": ["host:port"], "labels": {…}}]`, as JSON or YAML. Raises BadGroups, which quotes none of it."""
    try:
        value: Any = json.loads(text) if text.lstrip()[:1] in ("[", "{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        raise BadGroups(f"{source}: expected JSON or YAML") from None
    if not isinstance(value, list):
        # Nothing at all is a file that is just being written.
        raise BadGroups(f"{source}: expected a list of groups with targets and labels; [] where there are none")
    groups, count = [], 0
    for index, one in enumerate(value):
        if not isinstance(one, dict) or not isinstance(one.get("targets"), list):
            raise BadGroups(f"{source}[{index}]: expected a mapping with targets, a list")
        labels = one.get("labels") or {}
        if not isinstance(labels, dict) or not all(isinstance(part, str) for part in (*labels, *labels.values())):
            raise BadGroups(f"{source}[{index}].labels: expected a mapping of texts")
        if not all(isinstance(target, str) for target in one["targets"]):
            raise BadGroups(f"{source}[{index}].targets: expected texts such as host:port")
        count += len(one["targets"])
        if count > TARGETS_MAX:
            raise BadGroups(f"{source}: expected at most {TARGETS_MAX:,} targets")
        groups.append(Group(f"{source}[{index}]", tuple(one["targets"]), {**labels, **more}))
    return groups


def _read(config: FileSdConfig, files: PlanFiles) -> tuple[dict[str, str], list[str]]:
    texts: dict[str, str] = {}
    problems = []
    for pattern in config.files:
        try:
            texts |= files.matching(pattern)
        except FileRefused as error:
            problems.append(str(error))
    return texts, problems
