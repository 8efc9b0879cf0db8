"""Forms of a report by the name that is asked for."""

from collections.abc import Callable

from midwatch.audit.auditing import Report
from midwatch.audit.formats import as_json, html, markdown, sarif

FORMS: dict[str, Callable[[Report], str]] = {
    "markdown": markdown.render,
    "json": as_json.render,
    "sarif": sarif.render,
    "html": html.render,
}
