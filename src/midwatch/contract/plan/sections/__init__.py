"""The sections of `midwatch.yml`: every file here is one."""

import importlib
import pkgutil
from functools import cache
from typing import Any

from midwatch.contract.plan.section import Section


@cache
def sections() -> dict[str, Section[Any]]:
    """By name, in order of their names."""
    found = [importlib.import_module(f"{__name__}.{module.name}").SECTION for module in pkgutil.iter_modules(__path__)]
    return {section.name: section for section in sorted(found, key=lambda section: str(section.name))}
