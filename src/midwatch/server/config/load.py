"""Argument > environment > settings file > default, in one function."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from midwatch.server.config.fields import ENV_PREFIX, FIELDS, Field
from midwatch.server.config.settings import Settings
from midwatch.server.config.values import MASK, mask_url

FILE_NAME = "midwatch.toml"
CONFIG_ENV = ENV_PREFIX + "CONFIG"
CLIENT_ENVS = frozenset({CONFIG_ENV, ENV_PREFIX + "URL"})
"""Ours, and not settings of the server."""


class SettingsError(Exception):
    """Settings that cannot be taken; the message has one line a problem."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from."""

    source: Literal["argument", "environment", "file", "default"]
    detail: str
    """The flag, the variable, or the file."""


@dataclass(frozen=True, slots=True)
class Loaded:
    settings: Settings
    origins: Mapping[str, Origin]
    warnings: tuple[str, ...]
    """Variables that look like settings and are none; `MIDWATCH_PORT` as Kubernetes sets it."""


def load(arguments: Mapping[str, str], environ: Mapping[str, str], *, config: Path | None = None) -> Loaded:
    """Read every source.

    `arguments` are those that were given, as text, by field name. `config` is the settings file; else the variable
    MIDWATCH_CONFIG, else `midwatch.toml` in the data directory where there is one.

    Raises SettingsError with every problem.
    """
    return _Loader(arguments, environ).load(config)


class _Loader:
    def __init__(self, arguments: Mapping[str, str], environ: Mapping[str, str]) -> None:
        self._arguments = arguments
        self._environ = environ
        self._problems: list[str] = []
        self._warnings: list[str] = []
        self._values: dict[str, Any] = {}
        self._origins: dict[str, Origin] = {}

    def load(self, config: Path | None) -> Loaded:
        for unknown in self._arguments.keys() - FIELDS.keys():
            self._problems.append(f"{unknown}: expected a setting{_nearest(unknown, list(FIELDS))}")
        self._warn_of_unknown_variables()
        for field in FIELDS.values():
            self._from_arguments(field) or self._from_environment(field)
        named = config or (Path(self._environ[CONFIG_ENV]) if self._environ.get(CONFIG_ENV) else None)
        data: Path = self._values.get("data", FIELDS["data"].default())
        self._from_settings_file(named or data / FILE_NAME, named=named is not None)
        for name, field in FIELDS.items():
            if name not in self._values:
                self._values[name] = field.default()
                self._origins[name] = Origin("default", "")
        if not self._problems:
            try:
                return Loaded(Settings(**self._values), self._origins, tuple(self._warnings))
            except ValueError as error:
                self._problems.append(str(error))
        raise SettingsError("\n".join(self._problems))

    def _take(self, field: Field, text: str, origin: Origin) -> bool:
        self._origins[field.name] = origin
        try:
            self._values[field.name] = field.meta.parse(text)
        except ValueError as error:
            shown = {"no": text, "url": mask_url(text), "all": MASK}[field.meta.masked]
            self._problems.append(f"{field.name}={shown}: {error} ({origin.detail})")
            self._values[field.name] = field.default()
        return True

    def _from_arguments(self, field: Field) -> bool:
        if field.name not in self._arguments:
            return False
        return self._take(field, self._arguments[field.name], Origin("argument", field.flag or field.name))

    def _from_environment(self, field: Field) -> bool:
        text = self._environ.get(field.env, "")
        file_variable = f"{field.env}_FILE"
        if field.from_file and self._environ.get(file_variable):
            if text:
                self._problems.append(f"{field.env} and {file_variable}: expected one of the two")
                return False
            return self._from_secret_file(field, Path(self._environ[file_variable]), "environment", file_variable)
        if not text or (field.name == "port" and text.startswith("tcp://")):
            return False
        return self._take(field, text, Origin("environment", field.env))

    def _from_secret_file(self, field: Field, path: Path, source: Literal["environment", "file"], detail: str) -> bool:
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self._problems.append(f"{detail}={path}: cannot read the file: {_reason(error)}")
            return True
        return self._take(field, text, Origin(source, detail))

    def _from_settings_file(self, path: Path, *, named: bool) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            if named:
                self._problems.append(f"config={path}: expected a file that exists")
            return
        except (OSError, UnicodeDecodeError) as error:
            self._problems.append(f"cannot read {path}: {_reason(error)}")
            return
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            self._problems.append(f"cannot read {path}: {error}")
            return
        known = [*FIELDS, *(f"{field.name}_file" for field in FIELDS.values() if field.from_file)]
        for key, value in content.items():
            if key == "data" and not named:
                self._problems.append(f"{path}: data: expected outside of this file, which lies in that directory")
            elif key in FIELDS:
                if key not in self._origins:
                    self._take(FIELDS[key], _as_text(value), Origin("file", str(path)))
            elif key in known:
                field = FIELDS[key.removesuffix("_file")]
                if field.name not in self._origins:
                    self._from_secret_file(field, path.parent / str(value), "file", f"{path}: {key}")
            else:
                self._problems.append(f"{path}: {key}: expected a setting{_nearest(key, known)}")

    def _warn_of_unknown_variables(self) -> None:
        known = {field.env for field in FIELDS.values()} | CLIENT_ENVS
        known |= {f"{field.env}_FILE" for field in FIELDS.values() if field.from_file}
        for name in sorted(self._environ):
            if name.startswith(ENV_PREFIX) and name not in known:
                hint = _nearest(name, sorted(known), cutoff=0.9)
                if hint:
                    self._warnings.append(f"{name}: not a setting{hint}")
        if self._environ.get(f"{ENV_PREFIX}PORT", "").startswith("tcp://"):
            self._warnings.append(f"{ENV_PREFIX}PORT: left aside; Kubernetes sets it for a service called midwatch")


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return "expected text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror)


def _as_text(value: Any) -> str:
    """A TOML value as it would be written in a variable: tables become `a=1,b=2`, lists `a,b`."""
    if isinstance(value, dict):
        return ",".join(f"{key}={_as_text(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ",".join(map(_as_text, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _nearest(name: str, known: list[str], cutoff: float = 0.75) -> str:
    found = difflib.get_close_matches(name, known, n=1, cutoff=cutoff)
    return f"; did you mean {found[0]}?" if found else ""
