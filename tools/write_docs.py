"""Writes the generated parts of the documentation: `make docs`. Tests hold what is committed equal to this."""

import json
from pathlib import Path

from tools.counted_lines import PARTS, table

from midwatch.contract.plan import json_schema
from midwatch.contract.plan.sections import sections
from midwatch.contract.privacy import DEFAULT_DENYLIST, MESSAGE_FIELDS, PHONE_FIELDS
from midwatch.contract.privacy_actions import ACTIONS
from midwatch.server.config import FIELDS

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "<!-- written by tools/write_docs.py: begin -->"
END = "<!-- written by tools/write_docs.py: end -->"

SETTINGS_HEAD = """# Settings

<!-- Written by tools/write_docs.py from src/midwatch/server/config/settings.py: change it there, then `make docs`. -->

Each setting can come from four places; the first that has it wins:

1. an option of `midwatch up`: `--otlp-http-port 0`
2. a variable: `MIDWATCH_OTLP_HTTP_PORT=0`
3. the settings file, TOML: `otlp_http_port = 0`. It is the file that `--config` or `MIDWATCH_CONFIG` names, or else
   `midwatch.toml` in the data directory
4. the default

`midwatch config` prints what is in force and from where, with secrets masked; it takes the options of `midwatch up`, so
that a command line can be tried. A key in the settings file that is no setting is an error.

Secrets have no option, since every process of a machine sees command lines. A secret can also lie in a file that a
variable with `_FILE` behind it names (`MIDWATCH_INGEST_KEY_FILE=/run/secrets/ingest-key`), or the key with `_file`
behind it in the settings file.

Sizes are written `512MiB` or `2GiB`, durations `30s`, `12h`, `7d`.
"""


def settings_page() -> str:
    parts = [SETTINGS_HEAD]
    for field in FIELDS.values():
        names = [f"`{field.flag} {field.meta.metavar}`"] if field.flag else []
        names.append(f"`{field.env}`")
        if field.from_file:
            names.append(f"`{field.env}_FILE`")
        default = "not set"
        if field.default_text:
            default = field.default_text if field.meta.default_text else f"`{field.default_text}`"
        parts.append(f"## {field.name}\n\n{field.meta.help}\n\n* {' · '.join(names)}\n* default: {default}\n")
    return "\n".join(parts)


def plan_sections() -> str:
    parts = [f"### {one.name}\n\n{one.help}\n\n```yaml\n{one.example}```\n" for one in sections().values()]
    actions = "\n".join(f"| `{name}` | {what} |" for name, what in ACTIONS.items())
    parts.append(f"What a rule of `privacy` can ask for:\n\n| `action` | |\n|---|---|\n{actions}\n")
    for name, entries in (
        ("denylist", DEFAULT_DENYLIST),
        ("list of messages", MESSAGE_FIELDS),
        ("list of phone numbers", PHONE_FIELDS),
    ):
        listed = " · ".join(f"`{entry}`" for entry in entries)
        parts.append(f"The default {name} of `privacy`: {listed}.\n")
    return "\n".join(parts)


def rewritten(committed: str, generated: str) -> str:
    """A page with its generated part written again."""
    head, _, rest = committed.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{generated}\n{END}{tail}"


def partly_generated() -> dict[str, str]:
    """By page, below docs/: what is generated of it."""
    return {"plan.md": plan_sections(), **{f"systems/{name}.md": table(name) for name in PARTS}}


def schema_text() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    (ROOT / "docs/schema").mkdir(parents=True, exist_ok=True)
    (ROOT / "docs/settings.md").write_text(settings_page(), encoding="utf-8")
    (ROOT / "docs/schema/midwatch.schema.json").write_text(schema_text(), encoding="utf-8")
    for name, generated in partly_generated().items():
        page = ROOT / "docs" / name
        page.write_text(rewritten(page.read_text(encoding="utf-8"), generated), encoding="utf-8")


if __name__ == "__main__":
    main()
