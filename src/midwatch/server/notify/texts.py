"""The templates of notifications: Alertmanager's names with our texts, and the plan's own files over them."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from midwatch.server.gotemplate import TemplateError, Templates
from midwatch.server.gotemplate.builtins import escape_html
from midwatch.server.notify.functions import FUNCTIONS, MOMENT, Moment

_DEFAULTS = ("texts.tmpl", "email.tmpl")


class Texts:
    """Built anew for each plan. May be used from several threads."""

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        """`own` are the plan's files by path; later ones win.

        Raises:
            TemplateError: one of them is no template; it names the file.
        """
        self._templates = Templates(FUNCTIONS)
        folder = files("midwatch.server.notify") / "templates"
        for name in _DEFAULTS:
            self._templates.add(name, (folder / name).read_text("utf-8"))
        for name, text in (own or {}).items():
            self._templates.add(name, text)

    @property
    def names(self) -> frozenset[str]:
        return self._templates.names

    def check(self, text: str) -> None:
        """Raises TemplateError."""
        self._templates.check(text)

    def text(self, template: str, data: Any, moment: Moment) -> str:
        """Raises TemplateError."""
        MOMENT.set(moment)
        return self._templates.render(template, data) if "{{" in template else template

    def html(self, template: str, data: Any, moment: Moment) -> str:
        """What the template prints of values is escaped. Raises TemplateError."""
        MOMENT.set(moment)
        return self._templates.render(template, data, escape=escape_html)


__all__ = ["TemplateError", "Texts"]
