"""Fills a parsed template with data."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import FunctionType
from typing import Any, Final

from midwatch.server.gotemplate import nodes
from midwatch.server.gotemplate.builtins import SHORT_CIRCUIT
from midwatch.server.gotemplate.errors import CallFailed, TemplateError, place_of
from midwatch.server.gotemplate.limits import CALLS_MAX, MADE_CHARACTERS_MAX, OUTPUT_CHARACTERS_MAX, STEPS_MAX
from midwatch.server.gotemplate.parser import ROOT_VARIABLE
from midwatch.server.gotemplate.values import field_of, items_of, text_of, truth, type_name, wants_templates

NOTHING: Final = object()
"""No value comes down the pipeline."""


class SafeText(str):
    """Is not escaped where the output is."""

    __slots__ = ()


class _Broke(Exception):
    pass


class _Continued(Exception):
    pass


@dataclass(slots=True)
class Rendering:
    """One execution: what it may use, and what it has made so far."""

    functions: Mapping[str, Callable[..., Any]]
    templates: Mapping[str, nodes.Parsed]
    missing: Any
    escape: Callable[[str], str] | None = None
    steps: int = 0
    written: int = 0
    made: int = 0
    calls: int = 0

    def run(self, parsed: nodes.Parsed, data: Any, variables: Mapping[str, Any]) -> str:
        """Raises TemplateError."""
        return _Frame(self, parsed, data, variables).run()

    def execute(self, name: str, data: Any) -> str:
        """What `with_templates` hands to functions. Raises CallFailed."""
        found = self.templates.get(name) if isinstance(name, str) else None
        if found is None:
            raise CallFailed(f"template {name!r} not defined")
        return self.enter(found, data)

    def enter(self, parsed: nodes.Parsed, data: Any) -> str:
        """Raises CallFailed, TemplateError."""
        if self.calls >= CALLS_MAX:
            raise CallFailed(f"exceeded maximum template depth ({CALLS_MAX})")
        self.calls += 1
        try:
            return _Frame(self, parsed, data, {}).run()
        finally:
            self.calls -= 1


@dataclass(slots=True)
class _Frame:
    """One template on one dot: a definition sees nothing of its caller but what it is given."""

    rendering: Rendering
    parsed: nodes.Parsed
    data: Any
    outside: Mapping[str, Any]
    scope: list[tuple[str, Any]] = field(init=False)
    out: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scope = [(ROOT_VARIABLE, self.data), *((f"${name}", value) for name, value in self.outside.items())]

    def run(self) -> str:
        self._all(self.parsed.body, self.data)
        return "".join(self.out)

    # Nodes.

    def _all(self, body: Sequence[nodes.Node], dot: Any) -> None:
        for node in body:
            self._step(node)
            self._node(node, dot)

    def _node(self, node: nodes.Node, dot: Any) -> None:
        match node:
            case nodes.Text():
                self._write(node, node.text)
            case nodes.Action():
                value = self._pipeline(node.pipeline, dot)
                if not node.pipeline.variables:
                    self._print(node, value)
            case nodes.If() | nodes.With():
                self._choice(node, dot)
            case nodes.Range():
                self._range(node, dot)
            case nodes.Call():
                self._call(node, dot)
            case nodes.Break():
                raise _Broke
            case nodes.Continue():
                raise _Continued

    def _choice(self, node: nodes.If | nodes.With, dot: Any) -> None:
        variables = len(self.scope)
        value = self._pipeline(node.pipeline, dot)
        if truth(value):
            self._all(node.body, value if isinstance(node, nodes.With) else dot)
        else:
            self._all(node.otherwise, dot)
        del self.scope[variables:]

    def _range(self, node: nodes.Range, dot: Any) -> None:
        variables = len(self.scope)
        value = self._pipeline(node.pipeline, dot, bind=False)
        items = self._rounds(node, value)
        names = node.pipeline.variables
        inside = len(self.scope)
        ran = False
        for key, element in items:
            ran = True
            self._step(node)
            given = (key, element) if len(names) == 2 else (element,)
            for name, one in zip(names, given, strict=False):
                self._set(name, one, declares=node.pipeline.declares)
            try:
                self._all(node.body, element)
            except _Broke:
                break
            except _Continued:
                pass
            finally:
                del self.scope[inside:]
        if not ran:
            self._all(node.otherwise, dot)
        del self.scope[variables:]

    def _rounds(self, node: nodes.Range, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return ((index, index) for index in range(value))
        try:
            return items_of(value)
        except CallFailed as error:
            raise self._error(node.pipeline, str(error)) from None

    def _call(self, node: nodes.Call, dot: Any) -> None:
        found = self.rendering.templates.get(node.name)
        if found is None:
            raise self._error(node, f"template {node.name!r} not defined")
        data = None if node.pipeline is None else self._pipeline(node.pipeline, dot)
        try:
            text = self.rendering.enter(found, data)
        except CallFailed as error:
            raise self._error(node, str(error)) from None
        # What is in it was counted where it was made.
        self.out.append(text)

    # Pipelines.

    def _pipeline(self, pipeline: nodes.Pipeline, dot: Any, *, bind: bool = True) -> Any:
        value: Any = NOTHING
        for command in pipeline.commands:
            self._step(command)
            value = self._command(command, dot, value)
        if bind:
            for name in pipeline.variables:
                self._set(name, value, declares=pipeline.declares)
        return value

    def _command(self, command: nodes.Command, dot: Any, final: Any) -> Any:
        first, arguments = command.words[0], command.words[1:]
        match first:
            case nodes.Function():
                return self._function(first, arguments, dot, final)
            case nodes.Field():
                return self._fields(first, dot, first.names, arguments, dot, final)
            case nodes.Variable() if first.names:
                return self._fields(first, self._variable(first), first.names, arguments, dot, final)
            case nodes.Chain():
                return self._fields(first, self._pipeline(first.of, dot), first.names, arguments, dot, final)
        if arguments or final is not NOTHING:
            raise self._error(first, "can't give argument to non-function")
        return self._value(first, dot)

    def _value(self, node: nodes.Node, dot: Any) -> Any:
        """Of an argument, or of a command that is nothing but a value."""
        self._step(node)
        found: Any = dot
        match node:
            case nodes.Constant():
                found = node.value
            case nodes.Field():
                found = self._fields(node, dot, node.names, (), dot, NOTHING)
            case nodes.Variable():
                found = self._fields(node, self._variable(node), node.names, (), dot, NOTHING)
            case nodes.Chain():
                found = self._fields(node, self._pipeline(node.of, dot), node.names, (), dot, NOTHING)
            case nodes.Pipeline():
                found = self._pipeline(node, dot)
            case nodes.Function():
                found = self._function(node, (), dot, NOTHING)
        return found

    def _fields(
        self, node: nodes.Node, of: Any, names: Sequence[str], arguments: Sequence[nodes.Node], dot: Any, final: Any
    ) -> Any:
        """Along the chain; arguments and what comes down the pipeline belong to the last of it."""
        for index, name in enumerate(names):
            last = index == len(names) - 1
            try:
                found, method = field_of(of, name, self.rendering.missing)
            except CallFailed as error:
                raise self._error(node, str(error)) from None
            if method:
                values = self._arguments(arguments, dot, final) if last else []
                of = self._called(node, name, found, values)
            elif last and (arguments or final is not NOTHING):
                raise self._error(node, f"{name} is not a method but has arguments")
            else:
                of = found
        return of

    def _function(self, node: nodes.Function, arguments: Sequence[nodes.Node], dot: Any, final: Any) -> Any:
        if node.name in SHORT_CIRCUIT:
            return self._first_decisive(node, arguments, dot, final)
        return self._called(
            node, node.name, self.rendering.functions[node.name], self._arguments(arguments, dot, final)
        )

    def _first_decisive(self, node: nodes.Function, arguments: Sequence[nodes.Node], dot: Any, final: Any) -> Any:
        if not arguments and final is NOTHING:
            raise self._error(node, f"wrong number of args for {node.name}: want at least 1 got 0")
        value: Any = NOTHING
        for argument in arguments:
            value = self._value(argument, dot)
            if truth(value) == (node.name == "or"):
                return value
        return value if final is NOTHING else final

    def _arguments(self, arguments: Sequence[nodes.Node], dot: Any, final: Any) -> list[Any]:
        values = [self._value(argument, dot) for argument in arguments]
        return values if final is NOTHING else [*values, final]

    def _called(self, node: nodes.Node, name: str, function: Callable[..., Any], values: list[Any]) -> Any:
        given = [self.rendering.execute, *values] if wants_templates(function) else values
        if (wrong := _misfit(function, len(given), len(given) - len(values))) is not None:
            raise self._error(node, f"wrong number of args for {name}: want {wrong} got {len(values)}")
        try:
            found = function(*given)
        except TemplateError:
            raise
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError) as error:
            cause = str(error) or type(error).__name__
            raise self._error(node, f"error calling {name}: {cause}") from None
        if isinstance(found, str):
            self.rendering.made += len(found)
            if self.rendering.made > MADE_CHARACTERS_MAX:
                raise self._error(node, f"expected functions to make at most {MADE_CHARACTERS_MAX:,} characters")
        return found

    # Variables.

    def _variable(self, node: nodes.Variable) -> Any:
        for name, value in reversed(self.scope):
            if name == node.name:
                return value
        raise self._error(node, f"undefined variable: {node.name}")

    def _set(self, name: str, value: Any, *, declares: bool) -> None:
        if declares:
            self.scope.append((name, value))
            return
        for index in range(len(self.scope) - 1, -1, -1):
            if self.scope[index][0] == name:
                self.scope[index] = (name, value)
                return

    # Output.

    def _print(self, node: nodes.Node, value: Any) -> None:
        if callable(value) and not hasattr(value, "go_type"):
            raise self._error(node, f"can't print a function of type {type_name(value)}")
        text = text_of(value)
        escape = self.rendering.escape
        self._write(node, text if escape is None or isinstance(value, SafeText) else escape(text))

    def _write(self, node: nodes.Node, text: str) -> None:
        self.rendering.written += len(text)
        if self.rendering.written > OUTPUT_CHARACTERS_MAX:
            raise self._error(node, f"expected at most {OUTPUT_CHARACTERS_MAX:,} characters of output")
        self.out.append(text)

    def _step(self, node: nodes.Node) -> None:
        self.rendering.steps += 1
        if self.rendering.steps > STEPS_MAX:
            raise self._error(node, f"expected at most {STEPS_MAX:,} steps")

    def _error(self, node: nodes.Node, message: str) -> TemplateError:
        return TemplateError(message, *place_of(self.parsed.text, node.offset), template=self.parsed.name)


def _misfit(function: Callable[..., Any], count: int, ours: int) -> str | None:
    """How many arguments it wants, where these are not so many."""
    # Methods are made anew for each value: what their code says is cheaper than their signature.
    least, most = _arity_of_code(function) if isinstance(function, FunctionType) else _arity(function)
    if least <= count and (most is None or count <= most):
        return None
    least -= ours
    return f"at least {least}" if most is None else str(least) if most - ours == least else f"{least} to {most - ours}"


def _arity_of_code(function: FunctionType) -> tuple[int, int | None]:
    code = function.__code__
    most = None if code.co_flags & inspect.CO_VARARGS else code.co_argcount
    return code.co_argcount - len(function.__defaults__ or ()), most


@lru_cache(maxsize=1000)
def _arity(function: Callable[..., Any]) -> tuple[int, int | None]:
    least, most = 0, 0
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # some of Python's own do not tell
        return 0, None
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            return least, None
        if parameter.kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD):
            most += 1
            least += parameter.default is inspect.Parameter.empty
    return least, most
