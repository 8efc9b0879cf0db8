"""The arguments of a call as they are kept, and kept ones as the arguments of a call.

JSON, and what its parameter's annotation makes of JSON: pydantic models and dataclasses. Sealed where the team has a
key; without one, what is private is taken out, and a call that lacks something is not replayed.
"""

import dataclasses
import inspect
import json
import typing
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from midwatch.contract.handlers import PAYLOAD_BYTES_MAX
from midwatch.contract.redaction.said import LEFT_OUT
from midwatch.contract.sealed import CannotOpen, SealKeys, is_sealed
from midwatch.sdk.redaction_signals import in_force as redactors

PLAIN, NONE = "plain", "none"


class NotKept(ValueError):
    """There is nothing, or not enough, to call the handler with; the message says why."""


class DoesNotFit(ValueError):
    """The handler takes other arguments now."""


class Arguments:
    """Those of one function. `left_out`: parameters that are never kept, such as a session."""

    def __init__(self, function: Callable[..., Any], left_out: Sequence[str], private: Sequence[str]) -> None:
        """Raises TypeError for names that are no parameters."""
        self.signature = inspect.signature(function)
        for name in (*left_out, *private):
            if name not in self.signature.parameters:
                raise TypeError(f"{name}: {function.__qualname__} has no such parameter")
        self._left_out = frozenset(left_out)
        self._private = frozenset(private)
        try:
            self._hints = typing.get_type_hints(function)
        except Exception:
            # Names that are only there for type checkers: values are taken as they are.
            self._hints = {}

    def named(self, positional: tuple[Any, ...], given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call by name, but for those left out. Raises TypeError, as the call will."""
        bound = self.signature.bind(*positional, **given)
        return {name: value for name, value in bound.arguments.items() if name not in self._left_out}

    def kept(self, named: Mapping[str, Any], keys: SealKeys, about: str) -> bytes:
        """What is put into the store: JSON, sealed or plain, or why there is nothing."""
        try:
            whole = {name: self._as_json(name, value) for name, value in named.items()}
            content = json.dumps(whole, allow_nan=False, separators=(",", ":")).encode()
            if len(content) > PAYLOAD_BYTES_MAX:
                raise NotKept(f"its arguments are {len(content):,} bytes of JSON, and {PAYLOAD_BYTES_MAX:,} are kept")
        except NotKept as error:
            return _bytes({"form": NONE, "reason": str(error)})
        if keys:
            return _bytes(keys.seal(content, about))
        cleaned, removed = _cleaned(whole)
        kept = cleaned | {name: value for name, value in whole.items() if name in self._private}
        return _bytes({"form": PLAIN, "arguments": kept, "removed": sorted(set(removed) - self._private)})

    def opened(self, payload: bytes, keys: SealKeys, about: str) -> dict[str, Any]:
        """The arguments by name.

        Raises:
            CannotOpen: sealed with another key, or changed.
            NotKept: not all of them were kept.
            DoesNotFit: the handler takes others now.
        """
        kept = json.loads(payload)
        if kept["form"] == NONE:
            raise NotKept(kept["reason"])
        if kept.get("removed"):
            names = ", ".join(kept["removed"])
            raise NotKept(
                f"private values were removed from {names}: set MIDWATCH_REPLAY_KEY, or name them in private="
            )
        whole = json.loads(keys.open(kept, about)) if is_sealed(kept) else kept["arguments"]
        return self._fitted(whole)

    def call(self, named: Mapping[str, Any], provided: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and named arguments of a call with these, and with what is `provided` of those left out.

        Raises DoesNotFit.
        """
        whole = {**dict.fromkeys(self._left_out), **named}
        made = inspect.BoundArguments(self.signature, self._in_order(whole))
        try:
            self.signature.bind(*made.args, **made.kwargs)
        except TypeError as error:
            raise DoesNotFit(str(error)) from None
        made = inspect.BoundArguments(self.signature, self._in_order({**provided, **named}))
        return made.args, made.kwargs

    def apart(self, named: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The same as if the function had no parameters that are left out: for its key, and for its queue."""
        positional: list[Any] = []
        keywords: dict[str, Any] = {}
        is_in_order = True
        for name, parameter in self.signature.parameters.items():
            if name in self._left_out or name not in named:
                is_in_order &= name in self._left_out
            elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                positional += named[name]
            elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
                keywords |= named[name]
            elif parameter.kind is inspect.Parameter.KEYWORD_ONLY or not is_in_order:
                keywords[name] = named[name]
            else:
                positional.append(named[name])
        return positional, keywords

    def _in_order(self, named: Mapping[str, Any]) -> "OrderedDict[str, Any]":
        return OrderedDict((name, named[name]) for name in self.signature.parameters if name in named)

    def _fitted(self, whole: Mapping[str, Any]) -> dict[str, Any]:
        known = self.signature.parameters
        if unknown := [name for name in whole if name not in known or name in self._left_out]:
            raise DoesNotFit(f"the handler takes no {', '.join(unknown)} any more")
        return {name: self._from_json(name, value) for name, value in whole.items()}

    def _as_json(self, name: str, value: Any) -> Any:
        kind = self.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            value = list(value)
        model = _model_of(self._hints.get(name))
        try:
            if model is not None and type(value) is model:
                value = value.model_dump(mode="json") if hasattr(model, "model_dump") else dataclasses.asdict(value)
            text = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise NotKept(f"its argument {name} is no JSON: {error}") from None
        read = json.loads(text)
        if read != value:
            raise NotKept(f"its argument {name} is another after JSON: expected text keys and lists, not tuples")
        return read

    def _from_json(self, name: str, value: Any) -> Any:
        model = _model_of(self._hints.get(name))
        if model is None:
            return value
        try:
            return model.model_validate(value) if hasattr(model, "model_validate") else model(**value)
        except Exception as error:
            raise DoesNotFit(f"{name}: {type(error).__name__}: it is no {model.__name__} any more") from None


@dataclass(frozen=True, slots=True)
class Shown:
    """A payload as the server may have it."""

    payload: dict[str, Any]
    refusal: str
    """Why it cannot be replayed; empty where it can."""


def shown(payload: bytes) -> Shown:
    """Sealed as it is; plain without anything private, what the app keeps for itself included."""
    kept = json.loads(payload)
    if kept["form"] == NONE:
        return Shown({"form": NONE}, kept["reason"])
    if is_sealed(kept):
        return Shown(kept, "")
    cleaned, _ = _cleaned(kept["arguments"])
    removed = kept["removed"]
    refusal = f"private values were removed from {', '.join(removed)}" if removed else ""
    return Shown({"form": PLAIN, "arguments": cleaned}, refusal)


def _cleaned(whole: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Without what is private, and the names of the arguments that were not whole after it."""
    redactor = redactors().logs
    cleaned: dict[str, Any] = {}
    removed: list[str] = []
    for name, value in whole.items():
        seen = redactor.value(name, value)
        if seen is LEFT_OUT or seen != value:
            removed.append(name)
        if seen is not LEFT_OUT:
            cleaned[name] = seen
    return cleaned, removed


def _model_of(hint: Any) -> Any:
    """The pydantic model or dataclass that an annotation names."""
    if not isinstance(hint, type):
        return None
    return hint if hasattr(hint, "model_validate") or dataclasses.is_dataclass(hint) else None


def _bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


__all__ = ["Arguments", "CannotOpen", "DoesNotFit", "NotKept", "Shown", "shown"]
