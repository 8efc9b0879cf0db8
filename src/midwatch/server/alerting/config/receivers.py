"""Receivers: each has entries by kind, whose models the room that delivers has."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, TypeAdapter

from midwatch.contract.plan import Problem
from midwatch.contract.plan.document import Document, Path
from midwatch.server.alerting.config.kinds import ALERTMANAGER_KINDS, NEEDS, SUFFIX
from midwatch.server.alerting.config.model import ReceiverConfig
from midwatch.server.alerting.config.validate import validated
from midwatch.server.alerting.configuration import Receiver
from midwatch.server.model.notification import Integration

Kinds = Mapping[str, type[BaseModel]]
"""Models of receivers' entries by kind: `slack` for `slack_configs`."""
ENTRIES_MAX = 200
"""Of one kind in one receiver."""
_RECEIVER: TypeAdapter[ReceiverConfig] = TypeAdapter(ReceiverConfig)


def read_receivers(
    entries: list[Any], everywhere: Mapping[str, Any], document: Document, kinds: Kinds, problems: list[Problem]
) -> dict[str, Receiver]:
    """By name. `everywhere` is `global` as it is written."""
    found: dict[str, Receiver] = {}
    for index, entry in enumerate(entries):
        path: Path = ("receivers", index)
        if not isinstance(entry, dict):
            problems.append(document.problem(path, "expected a mapping with a name"))
            continue
        own = {key: value for key, value in entry.items() if not _is_kind(key, kinds)}
        config = validated(_RECEIVER, own, document, path, problems, also=[f"{kind}{SUFFIX}" for kind in _all(kinds)])
        entry.update(own)
        if config is None:
            continue
        if config.name in found:
            message = f"name={config.name}: expected a name that no other receiver has"
            problems.append(document.problem((*path, "name"), message))
        if (named := config.labels.get("name", config.name)) != config.name:
            message = f"labels.name={named}: expected {config.name}, the receiver's name"
            problems.append(document.problem((*path, "labels", "name"), message))
        integrations: dict[Integration, Any] = {}
        unsupported: list[str] = []
        for key in [key for key in entry if _is_kind(key, kinds)]:
            kind = key.removesuffix(SUFFIX)
            place = (*path, key)
            if kind not in kinds:
                unsupported.append(kind)
                message = (
                    f"{key}: Midwatch cannot deliver by {kind}: nobody is told by it; {config.name} needs another way"
                )
                problems.append(replace(document.problem(place, message, at_key=True), severity="warning"))
                continue
            integrations |= _entries(config.name, kind, entry[key], everywhere, document, place, kinds, problems)
        labels = {**config.labels, "name": config.name}
        found[config.name] = Receiver(config.name, labels, integrations, tuple(unsupported))
    return found


def _all(kinds: Kinds) -> list[str]:
    return sorted({*ALERTMANAGER_KINDS, *kinds})


def _is_kind(key: str, kinds: Kinds) -> bool:
    kind = key.removesuffix(SUFFIX)
    return key.endswith(SUFFIX) and (kind in kinds or kind in ALERTMANAGER_KINDS)


def _entries(
    receiver: str,
    kind: str,
    entries: Any,
    everywhere: Mapping[str, Any],
    document: Document,
    place: Path,
    kinds: Kinds,
    problems: list[Problem],
) -> dict[Integration, Any]:
    if not isinstance(entries, list) or len(entries) > ENTRIES_MAX:
        problems.append(document.problem(place, f"{place[-1]}: expected a list of at most {ENTRIES_MAX} entries"))
        return {}
    adapter = TypeAdapter(kinds[kind])
    found: dict[Integration, Any] = {}
    for index, entry in enumerate(entries):
        written = {} if entry is None else entry
        path = (*place, index)
        if isinstance(written, dict):
            for need in NEEDS.get(kind, ()):
                if not any(written.get(key) for key in need.own) and not any(map(everywhere.get, need.everywhere)):
                    message = f"{kind}: expected {need.what}: write {need.own[0]} here, or global.{need.everywhere[0]}"
                    problems.append(document.problem(path, message))
        config = validated(adapter, written, document, path, problems)
        if config is not None:
            found[Integration(receiver, kind, index)] = config
    return found
