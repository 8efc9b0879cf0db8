"""Texts → plan: one table of mistakes, each with its line, column and message."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midwatch.contract.plan import MAIN_FILE, Plan, load
from midwatch.contract.plan.document import TEXT_MAX
from midwatch.contract.plan.sections import environments, privacy, retention, sections, services

MISTAKES = {
    "unknown section": ("servces: {}", 1, 1, "servces: unknown key; expected one of"),
    "unknown section, suggestion": ("servces: {}", 1, 1, "did you mean services?"),
    "unknown key": ("services:\n  api:\n    ownr: x", 3, 5, "ownr: unknown key; expected one of owner, description"),
    "unknown key, suggestion": ("retention:\n  metrcs: 3d", 2, 3, "did you mean metrics?"),
    "duplicate key": ("services:\n  api: {}\n  api: {}", 3, 3, "stands here a second time; the first is on line 2"),
    "flag for text": (
        "services: {api: {owner: no}}",
        1,
        25,
        "services.api.owner=no: expected text; write it in quotes",
    ),
    "text for flag": ("environments: {a: {default: maybe}}", 1, 29, "default=maybe: expected true or false"),
    "number for mapping": ("services:\n  web: 5", 2, 8, "services.web=5: expected a mapping"),
    "nothing for mapping": ("services:\n  web:", 2, 7, "write {} where there is nothing to say"),
    "list for mapping": ("services: [a]", 1, 11, "services=a list: expected a mapping"),
    "text for list": ("privacy: {deny: phone}", 1, 17, "privacy.deny=phone: expected a list"),
    "bad name": ('services:\n  "a b!": {}', 2, 3, "a b!: expected a name of letters"),
    "bad duration": ("retention:\n  logs: 7 days", 2, 9, "retention.logs=7 days: expected a duration such as 30s"),
    "number without unit": ("retention: {logs: 7}", 1, 19, "retention.logs=7: expected a duration"),
    "flag for duration": ("retention: {logs: true}", 1, 19, "retention.logs=true: expected a duration"),
    "bad entry": ("privacy: {deny: [phone, a*b]}", 1, 25, "privacy.deny[1]=a*b: expected words of letters"),
    "no default": ("privacy: {keep: [pasword]}", 1, 18, "did you mean password?"),
    "two defaults": (
        "environments:\n  a: {default: true}\n  b: {default: true}",
        3,
        16,
        "default=true: expected one default environment; a is one already",
    ),
    "alias taken": ("environments:\n  a: {}\n  b: {aliases: [a]}", 3, 17, "alias=a: expected a name of its own"),
    "unknown environment": (
        "environments: {a: {}}\nservices:\n  api: {environments: [a, mars]}",
        3,
        27,
        "environment=mars: expected one of a",
    ),
    "no mapping": ("- a", 1, 1, "expected a mapping with the keys"),
    "broken yaml": ("services: [", 1, 12, "cannot read this as YAML"),
    "tabs": ("services:\n\tapi: {}", 2, 1, "cannot read this as YAML"),
    "control character": ("services:\n  a\x00: {}", 2, 4, "special characters are not allowed"),
    "self-reference": ("services: &a {x: *a}", 1, 1, "expected at most 20,000 values"),
    "key that is a list": ("services: {[a]: {}}", 1, 12, "expected a key that is a text"),
    "long text": (f"services: {{api: {{owner: {'x' * 2001}}}}}", 1, 25, "expected at most 2000 characters"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_told_with_its_place(name: str) -> None:
    """One problem of the plan has the file, the line, the column, and what was expected."""
    text, line, column, message = MISTAKES[name]
    loaded = load({MAIN_FILE: text})
    assert loaded.plan is None
    told = [str(problem) for problem in loaded.problems]
    assert any(one.startswith(f"{MAIN_FILE}:{line}:{column}: ") and message in one for one in told), told


def test_all_problems_are_told_at_once() -> None:
    """Mistakes in different sections do not hide one another, and stand in order of their lines."""
    text = "services:\n  api: 5\nretention:\n  logs: soon\nprivcy: {}\nenvironments:\n  a: {alias: x}\n"
    problems = load({MAIN_FILE: text}).problems
    assert [problem.line for problem in problems] == [2, 4, 5, 7]


def test_a_billion_laughs_are_refused_quickly() -> None:
    """Aliases count each time they unfold."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "at most 20,000 values" in load({MAIN_FILE: "\n".join(lines)}).problems[0].message


def test_a_text_over_the_limit_is_not_parsed() -> None:
    """At the limit it is read, one character over it is not."""
    assert load({MAIN_FILE: "#" * TEXT_MAX}).plan is not None
    assert "expected at most 262,144 characters" in load({MAIN_FILE: "#" * (TEXT_MAX + 1)}).problems[0].message


def test_a_good_plan_has_typed_sections() -> None:
    """Values come out by section, with their types and their defaults."""
    plan = _plan(
        "services: {api: {owner: backend, environments: [production]}}\n"
        "environments: {production: {default: true, aliases: [prod]}}\n"
        "privacy: {deny: [phone number], keep: [otp]}\n"
        "retention: {logs: 12h, metrics: 0}\n"
    )
    assert plan[services.SECTION]["api"].owner == "backend"
    assert plan[environments.SECTION]["production"].aliases == ("prod",)
    assert "phone number" in plan[privacy.SECTION].denylist
    assert plan[retention.SECTION].days == {"logs": 0.5, "metrics": 0.0}


@pytest.mark.parametrize("text", ["", "services:\n", "# nothing\n", "{}"])
def test_an_empty_plan_is_the_defaults(text: str) -> None:
    """Sections are optional, and so is what is in them."""
    plan = _plan(text)
    assert plan[services.SECTION] == {}
    assert "password" in plan[privacy.SECTION].denylist
    assert plan[retention.SECTION].days == {}


def test_tags_construct_nothing() -> None:
    """A tag that names a Python object is a text like any other."""
    loaded = load({MAIN_FILE: "services: {api: {owner: !!python/object/apply:os.getcwd []}}"})
    assert loaded.plan is None
    assert "expected text" in loaded.problems[0].message


def test_a_misnamed_file_is_told() -> None:
    """`midwatch.yaml` is an error that names it; other files are warnings."""
    loaded = load({"midwatch.yaml": "", "rules/a.yml": ""})
    assert [problem.severity for problem in loaded.problems] == ["warning", "error", "warning"]
    assert "did you mean midwatch.yaml?" in loaded.errors[0].message


@pytest.mark.parametrize("name", list(sections()))
def test_each_sections_example_is_a_good_plan(name: str) -> None:
    """What the documentation shows can be copied."""
    assert load({MAIN_FILE: sections()[name].example}).plan is not None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="services: {}[]\n-&*a!\"'#|>,", max_size=200))
def test_no_text_crashes_the_loader(text: str) -> None:
    """Whatever stands in the file, the answer is a plan or problems with places."""
    loaded = load({MAIN_FILE: text})
    assert (loaded.plan is None) == bool(loaded.errors)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in loaded.problems)


def _plan(text: str) -> Plan:
    loaded = load({MAIN_FILE: text})
    assert loaded.problems == ()
    assert loaded.plan is not None
    return loaded.plan
