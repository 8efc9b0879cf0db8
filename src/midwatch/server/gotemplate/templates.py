"""A set of named templates with their functions, and texts that are rendered with it."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from midwatch.server.gotemplate.builtins import BUILTINS, SHORT_CIRCUIT
from midwatch.server.gotemplate.errors import TemplateError
from midwatch.server.gotemplate.evaluate import Rendering, SafeText
from midwatch.server.gotemplate.limits import PARSED_MAX
from midwatch.server.gotemplate.nodes import Parsed
from midwatch.server.gotemplate.parser import parse

__all__ = ["SafeText", "Templates"]


class Templates:
    """`functions` besides the built-in ones; they raise ValueError, and nothing else, for what they cannot do.

    `missing` is what a key is that a mapping does not have: an empty text as with Prometheus and Alertmanager
    (`missingkey=zero` over maps of texts), or NO_VALUE.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]], *, missing: Any = "") -> None:
        self._functions = {**BUILTINS, **functions}
        self._names = frozenset((*self._functions, *SHORT_CIRCUIT))
        self._missing = missing
        self._named: dict[str, Parsed] = {}
        self._parsed: OrderedDict[tuple[str, tuple[str, ...]], Parsed] = OrderedDict()

    @property
    def names(self) -> frozenset[str]:
        """Of all templates that were added or defined."""
        return frozenset(self._named)

    def add(self, name: str, text: str) -> None:
        """A file: what it defines can be called by name, what stands outside of that by the file's. Later ones win.

        Raises:
            TemplateError: it is no template; nothing of it was added.
        """
        parsed = parse(text, self._names, name=name)
        self._named |= {name: parsed, **parsed.defined}

    def check(self, text: str, *, variables: Mapping[str, Any] | frozenset[str] = frozenset()) -> None:
        """Whether it can be parsed with these variables (names without dollar). Raises TemplateError."""
        self._parse(text, tuple(variables))

    def render(
        self,
        text: str,
        data: Any,
        *,
        variables: Mapping[str, Any] | None = None,
        escape: Callable[[str], str] | None = None,
    ) -> str:
        """`variables` by name without dollar. `escape` is applied to every value that is printed, but SafeText.

        Raises:
            TemplateError: it cannot be parsed, fails on this data, or costs more than it may (limits.py).
        """
        variables = variables or {}
        parsed = self._parse(text, tuple(variables))
        named = {**self._named, **parsed.defined} if parsed.defined else self._named
        rendering = Rendering(self._functions, named, self._missing, escape)
        try:
            return rendering.run(parsed, data, variables)
        except RecursionError:
            raise TemplateError("expected less nesting", 1, 1) from None

    def _parse(self, text: str, variables: tuple[str, ...]) -> Parsed:
        key = (text, variables)
        found = self._parsed.get(key)
        if found is None:
            found = parse(text, self._names, variables=(f"${name}" for name in variables))
            self._parsed[key] = found
            if len(self._parsed) > PARSED_MAX:
                self._parsed.popitem(last=False)
        return found
