"""The published JSON schema and the loader agree; differences; the files of a directory."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from midwatch.contract.plan import MAIN_FILE, Change, difference, json_schema, load, read_files
from midwatch.contract.plan.files import FILE_BYTES_MAX, PlanUnreadable
from midwatch.contract.plan.sections import sections

TEXTS = [
    *(section.example for section in sections().values()),
    "services:\n",
    "retention: {logs: 0}",
    "servces: {}",
    "services: {api: {ownr: x}}",
    "services: {api: {owner: no}}",
    "services: {api: {owner: 5}}",
    "services: {web: 5}",
    "services: {'a b': {}}",
    "services: [a]",
    "environments: {a: {default: 1}}",
    "environments: {a: {aliases: ['x y']}}",
    "privacy: {deny: phone}",
    "privacy: {deny: [a*b]}",
    "retention: {logs: 7 days}",
    "retention: {logs: 7}",
    "retention: {logs: true}",
]


@pytest.mark.parametrize("text", TEXTS)
def test_schema_and_loader_agree(text: str) -> None:
    """What an editor marks by the schema is what the loader refuses."""
    validator = jsonschema.Draft202012Validator(json_schema())
    assert validator.is_valid(yaml.safe_load(text)) == (load({MAIN_FILE: text}).plan is not None)


def test_the_schema_is_one() -> None:
    """It is valid JSON Schema of the dialect it names."""
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_differences_name_the_deepest_key() -> None:
    """Added, removed and changed keys, in order, with the values as they are written."""
    before = {"services": {"api": {"owner": "a"}, "old": {}}, "retention": {"logs": "7d"}}
    after = {"services": {"api": {"owner": "b", "description": "x"}}, "privacy": {"deny": ["y"]}}
    assert difference(before, after) == [
        Change("privacy", "added", None, {"deny": ["y"]}),
        Change("retention", "removed", {"logs": "7d"}, None),
        Change("services.api.description", "added", None, "x"),
        Change("services.api.owner", "changed", "a", "b"),
        Change("services.old", "removed", {}, None),
    ]


def test_equal_plans_do_not_differ() -> None:
    """The order of keys means nothing; the type of a value does."""
    assert difference({"a": {"x": 1, "y": 2}}, {"a": {"y": 2, "x": 1}}) == []
    assert difference({"a": 1}, {"a": True}) == [Change("a", "changed", 1, True)]


def test_files_of_a_directory(tmp_path: Path) -> None:
    """YAML and JSON below the directory are read; hidden files and prose are not."""
    (tmp_path / "rules").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("midwatch.yml", "rules/a.yml", "README.md", ".git/x.yml", ".hidden.yml"):
        (tmp_path / name).write_text(f"# {name}")
    assert list(read_files(tmp_path)) == ["midwatch.yml", "rules/a.yml"]


def test_unreadable_directories_say_why(tmp_path: Path) -> None:
    """No directory, bytes that are no UTF-8, a file over the limit: one line each."""
    with pytest.raises(PlanUnreadable, match="expected a directory"):
        read_files(tmp_path / "none")
    plan = tmp_path / MAIN_FILE
    plan.write_bytes(b"a: \xff")
    with pytest.raises(PlanUnreadable, match="expected UTF-8; byte 3 is none"):
        read_files(tmp_path)
    plan.write_bytes(b"#" * (FILE_BYTES_MAX + 1))
    with pytest.raises(PlanUnreadable, match="expected at most 1,048,576 bytes"):
        read_files(tmp_path)
    plan.write_bytes(b"#" * FILE_BYTES_MAX)
    assert len(read_files(tmp_path)[MAIN_FILE]) == FILE_BYTES_MAX
