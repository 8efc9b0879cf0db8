"""A system's plan as it is in force on this machine: addresses that exist here, secrets that open the local doors."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ALERTMANAGER = "alertmanager.yml"
MIDWATCH = "midwatch.yml"
DURATION = re.compile(r"(?<![\w.])(\d+)([smhdw])(?![\w.])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
HURRIED = {
    "rules": re.compile(
        r"(?P<before>^\s*(?:for|keep_firing_for|interval):\s*|\[|\boffset\s+)(?P<duration>\d+[smhd])", re.MULTILINE
    ),
    "alertmanager": re.compile(
        r"(?P<before>\b(?:group_wait|group_interval|repeat_interval|after|pause):\s*)(?P<duration>\d+[smhd])"
    ),
}
LEAST_SECONDS = {"for": 2, "interval": 5, "[": 10}
"""Rules that are asked more often than every five seconds fall behind on a machine that runs all the rest, too."""
HURRIED_KEYS = {
    "heartbeats": {"every": 10, "grace": 2, "max_runtime": 2},
    "probes": {"interval": 10},
    "on_call": {"after": 120, "pause": 120},
    "entities": {"stuck_after": 2},
}
"""Of midwatch.yml, by section: the keys below which durations stand, and how many seconds there have to be."""


def place_plan(
    source: Path, target: Path, places: Mapping[str, str], secrets: Mapping[str, str], notify_url: str
) -> None:
    """Copy the plan `source` to `target`, with `places` put in, its secrets written, and receivers at `notify_url`."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    for file in sorted(target.rglob("*")):
        if file.is_file() and file.suffix in (".yml", ".yaml", ".md", ".json"):
            text = file.read_text()
            for old, new in places.items():
                text = text.replace(old, new)
            file.write_text(text)
    folder = target / "secrets"
    folder.mkdir(exist_ok=True)
    for name, secret in secrets.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(secret)
    routes = target / ALERTMANAGER
    if routes.exists():
        told = yaml.safe_load(routes.read_text())
        told["global"] = {
            "pagerduty_url": f"{notify_url}/v2/enqueue",
            "opsgenie_api_url": f"{notify_url}/opsgenie/",
            **told.get("global", {}),
        }
        routes.write_text(yaml.safe_dump(told, sort_keys=False))


def hurry_plan(plan: Path, times: int) -> None:
    """All times of rules, routes, heartbeats, probes, escalations and stuck entities in `plan` become so many times
    shorter, for who cannot wait five minutes."""
    for file in sorted((plan / "rules").rglob("*.yml")):
        file.write_text(_hurried(file.read_text(), HURRIED["rules"], times))
    routes = plan / ALERTMANAGER
    if routes.exists():
        routes.write_text(_hurried(routes.read_text(), HURRIED["alertmanager"], times))
    told = yaml.safe_load((plan / MIDWATCH).read_text())
    for section in HURRIED_KEYS.keys() & told.keys():
        told[section] = _shortened(told[section], HURRIED_KEYS[section], times, least=0)
    (plan / MIDWATCH).write_text(yaml.safe_dump(told, sort_keys=False))


def _shortened(node: Any, keys: Mapping[str, int], times: int, least: int) -> Any:
    """The same with all durations that stand, however deep, below one of `keys` shorter; `least` is 0 above them."""
    if isinstance(node, dict):
        return {key: _shortened(one, keys, times, keys.get(key, least)) for key, one in node.items()}
    if isinstance(node, list):
        return [_shortened(one, keys, times, least) for one in node]
    found = DURATION.fullmatch(node) if least and isinstance(node, str) else None
    return f"{_shorter(found, times, least)}s" if found else node


def _shorter(duration: re.Match[str], times: int, least: int) -> int:
    """Seconds."""
    number, unit = duration.groups()
    return max(int(number) * SECONDS[unit] // times, least)


def _hurried(text: str, pattern: re.Pattern[str], times: int) -> str:
    def shorter(found: re.Match[str]) -> str:
        duration = DURATION.fullmatch(found["duration"])
        assert duration is not None
        before = found["before"].strip().removesuffix(":")
        return f"{found['before']}{_shorter(duration, times, LEAST_SECONDS.get(before, LEAST_SECONDS['for']))}s"

    return pattern.sub(shorter, text)
