"""The plan as files: strict models, a loader that knows lines and columns, differences, and a JSON schema.

A section of `midwatch.yml` is one file in `sections/`: adding it there is all it takes, and removing it too.
"""

from midwatch.contract.plan.difference import Change, difference
from midwatch.contract.plan.files import MAIN_FILE, read_files
from midwatch.contract.plan.load import Loaded, Plan, load
from midwatch.contract.plan.problem import Problem
from midwatch.contract.plan.schema import json_schema

__all__ = ["MAIN_FILE", "Change", "Loaded", "Plan", "Problem", "difference", "json_schema", "load", "read_files"]
