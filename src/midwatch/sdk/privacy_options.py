"""What `init` is told of privacy: the key of hashes, the region of phone numbers, the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from midwatch.contract.privacy_hashing import HashKeys
from midwatch.contract.privacy_phone import library, region_of
from midwatch.contract.privacy_rules import PrivacyPolicy

KEY, KEY_FILE, REGION, PLAN = (
    "MIDWATCH_PRIVACY_KEY",
    "MIDWATCH_PRIVACY_KEY_FILE",
    "MIDWATCH_PRIVACY_REGION",
    "MIDWATCH_PLAN",
)
KEY_FILE_CHARACTERS_MAX = 4096
CONTRACT = "MIDWATCH_CONTRACT"
SWITCH = {"true": True, "false": False}
AT_WORK = frozenset({"local", "dev", "development", "test", "testing", "tests", "ci"})
"""Environments in which lines are held against the contract unless told otherwise."""
EXTRA = 'pip install "midwatch[plan]"'


@dataclass(frozen=True, slots=True)
class Protection:
    """What holds of privacy, and what else the plan says to an app."""

    policy: PrivacyPolicy = field(default_factory=PrivacyPolicy)
    traces_share: float | None = None
    """None where no plan says it, as for the level."""
    log_level: str = ""
    contract: Any = None
    """What the plan says of log lines, a `LogContract`; None without a plan."""
    watched: bool = False
    """Whether lines are held against it."""


def read(
    *,
    environment: str,
    plan: str | PathLike[str] | None,
    contract: bool | None,
    privacy_key: str | None,
    privacy_region: str | None,
    env: Mapping[str, str],
) -> Protection:
    """Raises ValueError for what is wrong, naming the option and never a key."""
    keys = _keys(privacy_key, env)
    region = _region(privacy_region, env)
    if keys or region:
        # Now and not when the first number is seen: it takes a tenth of a second.
        library()
    named = plan if plan is not None else env.get(PLAN, "")
    if not named:
        return Protection(PrivacyPolicy(keys=keys, region=region))
    found = _plan(named, environment)
    policy = found.privacy.policy(keys=keys, region=region)
    watched = _watched(contract, env, {environment.lower(), found.environment.lower()})
    return Protection(policy, found.sampling.traces, found.sampling.log_level or "", found.contract, watched)


def _watched(asked: bool | None, env: Mapping[str, str], environment: set[str]) -> bool:  # noqa: FBT001 - as `init` has it
    if asked is None and (text := env.get(CONTRACT, "").lower()):
        if text not in SWITCH:
            raise ValueError(f"{CONTRACT}={env[CONTRACT]!r}: expected true or false")
        asked = SWITCH[text]
    return not environment.isdisjoint(AT_WORK) if asked is None else asked


def _keys(given: Any, env: Mapping[str, str]) -> HashKeys | None:
    name, text = "privacy_key", given
    if text is None and env.get(KEY):
        name, text = KEY, env[KEY]
    elif text is None and env.get(KEY_FILE):
        name, text = KEY_FILE, _read(env[KEY_FILE])
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError(f"{name}: expected text, got {type(text).__name__}")
    try:
        return HashKeys.of(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _read(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(KEY_FILE_CHARACTERS_MAX)
    except OSError as error:
        raise ValueError(f"{KEY_FILE}={path!r}: cannot read it: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{KEY_FILE}={path!r}: cannot read it: expected UTF-8") from None


def _region(given: Any, env: Mapping[str, str]) -> str:
    name, text = ("privacy_region", given) if given is not None else (REGION, env.get(REGION, ""))
    if not text:
        return ""
    try:
        return region_of(str(text))
    except ValueError as error:
        raise ValueError(f"{name}={text!r}: {error}") from None


def _plan(named: Any, environment: str) -> Any:
    if not isinstance(named, str | PathLike):
        raise ValueError(f"plan={named!r}: expected a directory, such as 'observability'")
    try:
        from midwatch.contract.plan.files import PlanUnreadable
        from midwatch.sdk.privacy_plan import read_plan
    except ImportError as error:
        raise ValueError(f"plan={str(named)!r}: cannot read it without {error.name}: {EXTRA}") from None
    try:
        return read_plan(Path(fspath(named)), environment)
    except (ValueError, PlanUnreadable) as error:
        raise ValueError(f"plan={str(named)!r}: {error}") from None
