"""What other locations are to look at: the plan's own words, with the files that it names read here."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from midwatch.server.model.errors import Unavailable
from midwatch.server.monitors.probes.desk import ProbeDesk
from midwatch.server.outgoing.files import FileRefused, PlanFiles

_FILES = {"password_file": "password", "credentials_file": "credentials", "ca_file": "ca"}
"""Keys that name files, by the key that has the text itself. Those of own certificates stay: they are read by path."""

Written = Callable[[], tuple[Mapping[str, Any], int]]
"""The plan in force as it stands in the files, and its version."""


class Assignments:
    def __init__(self, desk: ProbeDesk, written: Written, files: PlanFiles) -> None:
        self._desk, self._written, self._files = desk, written, files

    @property
    def version(self) -> int:
        return self._written()[1]

    async def of(self, location: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Probes and `probing`.

        Raises:
            Unavailable: a file that the plan names cannot be read.
        """
        names = {probe.name for probe in self._desk.of_location(location)}
        written = self._written()[0]
        mine = [one for one in written.get("probes") or [] if one.get("name") in names]
        try:
            return await asyncio.to_thread(lambda: [self._inlined(one) for one in mine]), written.get("probing") or {}
        except FileRefused as error:
            raise Unavailable(f"cannot hand out the probes of {location}: {error}") from None

    def _inlined(self, value: Any) -> Any:
        if isinstance(value, dict):
            found = {}
            for key, one in value.items():
                if key in _FILES and isinstance(one, str):
                    found[_FILES[key]] = self._files.text(one).strip() if key != "ca_file" else self._files.text(one)
                else:
                    found[key] = self._inlined(one)
            return found
        return [self._inlined(one) for one in value] if isinstance(value, list | tuple) else value
