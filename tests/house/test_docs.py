"""The documentation is true: links resolve, every setting and verb is in it, generated parts are as generated."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest
from tools import write_docs

from midwatch.cli.main import VERBS
from midwatch.contract.plan import Problem, load, read_files
from midwatch.server.config import FIELDS
from midwatch.server.ingest import unpack
from midwatch.server.plan_lint import lint_plan
from midwatch.server.plan_parts import CHECKS, READERS
from midwatch.server.promql.lint import Sent
from midwatch.server.query.search import language
from midwatch.server.status.explanations import EXPLANATIONS
from midwatch.server.store.flatten import attributes, values

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
_LEFT_OUT = {".venv", ".make", "node_modules", ".git", "midwatch-data"}


def pages() -> list[Path]:
    found = [path for path in ROOT.rglob("*.md") if not _LEFT_OUT & set(path.relative_to(ROOT).parts)]
    return sorted(found)


@pytest.mark.parametrize("page", [str(path.relative_to(ROOT)) for path in pages()])
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link names a file that is there, and a heading of it where it names one."""
    path = ROOT / page
    broken = []
    for link in _LINK.findall(_without_code(path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_setting_is_documented() -> None:
    """docs/settings.md has each setting's name, variable, option and help."""
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    for field in FIELDS.values():
        assert f"## {field.name}\n\n{field.meta.help}\n" in text
        assert f"`{field.env}`" in text
        assert field.flag is None or f"`{field.flag} " in text


def test_the_first_alert_of_the_readme_is_a_good_plan() -> None:
    """Its files as they stand there: nothing to complain of, and the alert tells somebody."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"```yaml\n# observability/(\S+)\n(.*?)```", text, re.DOTALL))
    assert set(files) == {"midwatch.yml", "rules/app.yml", "alertmanager.yml"}
    assert remarks(files) == []


def test_the_plan_of_the_demo_is_a_good_one() -> None:
    """Newcomers copy it."""
    assert remarks(read_files(ROOT / "examples/shop/observability")) == []


def remarks(files: Mapping[str, str]) -> list[Problem]:
    """What `midwatch check` has to say of a plan, where nothing but what Midwatch itself makes is stored."""
    loaded = load(files, READERS, CHECKS)
    assert loaded.plan is not None, loaded.problems
    return [*loaded.problems, *lint_plan(files, loaded.plan, Sent(names=frozenset({"up"})))]


def test_every_limit_is_documented() -> None:
    """docs/limits.md has each reason that can be counted, and the figures as they are."""
    text = (ROOT / "docs/limits.md").read_text(encoding="utf-8")
    assert [reason for reason in EXPLANATIONS if f"`{reason}`" not in text] == []
    named = set(re.findall(r"^\| `([a-z_]+)`", text, re.MULTILINE))
    assert named <= EXPLANATIONS.keys()
    kib, mib = 1 << 10, 1 << 20
    for figure in (
        f"{attributes.ATTRIBUTES_MAX} attributes",
        f"{values.ATTRIBUTE_BYTES_MAX // kib} KiB a value",
        f"{values.BODY_BYTES_MAX // kib} KiB a log body",
        f"{values.NAME_BYTES_MAX // kib} KiB a name",
        f"{values.TRACE_STATE_BYTES_MAX} bytes",
        f"{unpack.BODY_BYTES_MAX // mib} MiB once unpacked",
        f"{unpack.BODIES_BYTES_MAX // mib} MiB of bodies",
        f"{language.LENGTH_MAX:,} characters, {language.TERMS_MAX} terms, nested {language.DEPTH_MAX} deep",
    ):
        assert figure in text


def test_generated_pages_are_as_generated() -> None:
    """`make docs` would change nothing."""
    assert (ROOT / "docs/settings.md").read_text(encoding="utf-8") == write_docs.settings_page()
    assert (ROOT / "docs/schema/midwatch.schema.json").read_text(encoding="utf-8") == write_docs.schema_text()
    for name, generated in write_docs.partly_generated().items():
        page = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert page == write_docs.rewritten(page, generated)


def test_every_verb_that_the_pages_name_exists() -> None:
    """`midwatch <verb>` in code of a page is a verb of the command line."""
    unknown = {}
    for path in pages():
        named = re.findall(r"(?:`|^\$ |\bbin/)midwatch ([a-z][a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        if wrong := sorted(set(named) - VERBS.keys()):
            unknown[str(path.relative_to(ROOT))] = wrong
    assert unknown == {}


def _without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ +(.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}
