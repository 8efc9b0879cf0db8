"""Relabelling: a list of steps over a set of labels, as Prometheus 3 documents `<relabel_config>`."""

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

from midwatch.contract.plan.scrape.relabel import RelabelConfig

Labels = dict[str, str]
Step = Callable[[Labels], bool]
"""Changes the labels; False drops what they belong to."""

TOLD_MAX = 200
"""Characters of a name, a value or a pattern that a reason quotes."""
_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


def relabeller(configs: Sequence[RelabelConfig]) -> Callable[[Labels], Labels | None]:
    """All steps as one function of a set of labels: those that come out, or None where they are dropped."""
    steps = [_step(config) for config in configs]

    def relabel(labels: Labels) -> Labels | None:
        changed = dict(labels)
        for step in steps:
            if not step(changed):
                return None
        return changed

    return relabel


def why_dropped(configs: Sequence[RelabelConfig], labels: Labels) -> str:
    """The step that drops these labels and what it saw there, in words; empty where none does."""
    changed = dict(labels)
    for at, config in enumerate(configs):
        if not _step(config)(changed):
            return f"relabel_configs[{at}], {config.action}: {_seen(config, changed)}"
    return ""


def _seen(config: RelabelConfig, labels: Labels) -> str:
    names = config.separator.join(config.source_labels) or "nothing"
    value = config.separator.join([labels.get(name, "") for name in config.source_labels])
    source = f"{_cut(names)}={_cut(value)!r}"
    other = f"{_cut(config.target_label)}={_cut(labels.get(config.target_label, ''))!r}"
    verdicts = {
        "keep": f"{source} does not match {_cut(config.regex)}",
        "drop": f"{source} matches {_cut(config.regex)}",
        "keepequal": f"{source} is not equal to {other}",
        "dropequal": f"{source} is equal to {other}",
    }
    return verdicts[config.action]


def _cut(text: str) -> str:
    return text if len(text) <= TOLD_MAX else f"{text[:TOLD_MAX]}…"


def _step(config: RelabelConfig) -> Step:
    pattern = _compiled(config.regex)
    sources, separator, target = config.source_labels, config.separator, config.target_label

    def source(labels: Labels) -> str:
        return separator.join([labels.get(name, "") for name in sources])

    def replace(labels: Labels) -> bool:
        match = pattern.fullmatch(source(labels))
        if match is not None:
            # A reference may stand in the label's name too.
            _set(labels, _expanded(target, match), _expanded(config.replacement, match))
        return True

    def keep(labels: Labels) -> bool:
        return pattern.fullmatch(source(labels)) is not None

    def drop(labels: Labels) -> bool:
        return pattern.fullmatch(source(labels)) is None

    def hashmod(labels: Labels) -> bool:
        # MD5 spreads here, it guards nothing; the second half of it is what Prometheus takes.
        digest = hashlib.md5(source(labels).encode(), usedforsecurity=False).digest()
        labels[target] = str(int.from_bytes(digest[8:], "big") % config.modulus)
        return True

    def labelmap(labels: Labels) -> bool:
        for name, value in list(labels.items()):
            if (match := pattern.fullmatch(name)) is not None:
                _set(labels, _expanded(config.replacement, match), value)
        return True

    def labeldrop(labels: Labels) -> bool:
        for name in [name for name in labels if pattern.fullmatch(name) is not None]:
            del labels[name]
        return True

    def labelkeep(labels: Labels) -> bool:
        for name in [name for name in labels if pattern.fullmatch(name) is None]:
            del labels[name]
        return True

    def lowercase(labels: Labels) -> bool:
        _set(labels, target, source(labels).lower())
        return True

    def uppercase(labels: Labels) -> bool:
        _set(labels, target, source(labels).upper())
        return True

    def keepequal(labels: Labels) -> bool:
        return labels.get(target, "") == source(labels)

    def dropequal(labels: Labels) -> bool:
        return labels.get(target, "") != source(labels)

    steps: dict[str, Step] = {
        "replace": replace,
        "keep": keep,
        "drop": drop,
        "hashmod": hashmod,
        "labelmap": labelmap,
        "labeldrop": labeldrop,
        "labelkeep": labelkeep,
        "lowercase": lowercase,
        "uppercase": uppercase,
        "keepequal": keepequal,
        "dropequal": dropequal,
    }
    return steps[config.action]


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Any:
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False
    return re2.compile(text, options)


def _set(labels: Labels, name: str, value: str) -> None:
    """An empty value is no label; without a name there is none to set."""
    if not name:
        return
    if value:
        labels[name] = value
    else:
        labels.pop(name, None)


def _expanded(template: str, match: Any) -> str:
    """`$1`, `${1}`, `$name` and `$$`, as Go's regexp package expands them: the longest name, unknown ones are empty."""
    if "$" not in template:
        return template

    def value(reference: "re.Match[str]") -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        try:
            found = match.group(int(name) if name.isdigit() else name)
        except (IndexError, KeyError):
            return ""
        return found or ""

    return _REFERENCE.sub(value, template)
