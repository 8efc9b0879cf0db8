"""`entities`: the states of each kind of entity, what may follow what, and how long is too long."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from midwatch.contract.plan.section import Duration, Model, Name, Remark, Section, Text

KINDS_MAX = 200
STATES_MAX = 100
EVENTS_MAX = 500
KEYS_MAX = 100
State = Annotated[str, Field(min_length=1, max_length=100)]
Key = Annotated[str, Field(min_length=1, max_length=200)]
Keys = Annotated[tuple[Key, ...], Field(max_length=KEYS_MAX)]
OF_EVENTS = ("actor", "correlation_id", "before", "after", "sequence")
"""What `required` may name besides keys of the metadata."""


class EventForm(Model):
    """What an event has to say; what else it says is right, unless `allowed` lists it all."""

    required: Keys = ()
    """Keys of its metadata; also actor, correlation_id, before, after, sequence."""
    allowed: Keys | None = None
    """All keys that its metadata may have, besides the required ones."""


class Entity(Model):
    description: Text = ""
    states: Annotated[tuple[State, ...], Field(min_length=1, max_length=STATES_MAX)]
    initial: State | None = None
    """The state that an entity begins in; any, without one."""
    transitions: dict[State, Annotated[tuple[State, ...], Field(max_length=STATES_MAX)]] = Field(
        default_factory=dict, max_length=STATES_MAX
    )
    """Which states may follow a state."""
    terminal: Annotated[tuple[State, ...], Field(max_length=STATES_MAX)] | None = None
    """States that nothing follows; without the key those that `transitions` does not lead away from."""
    stuck_after: dict[State, Duration] = Field(default_factory=dict, max_length=STATES_MAX)
    """An entity that is in the state for longer is stuck."""
    events: dict[Key, EventForm] = Field(default_factory=dict, max_length=EVENTS_MAX)
    """By type of the event."""

    @property
    def ends(self) -> tuple[str, ...]:
        """States that nothing follows."""
        if self.terminal is not None:
            return self.terminal
        return tuple(state for state in self.states if not self.transitions.get(state))

    def legal(self, before: str, after: str) -> bool:
        """Whether the one may follow the other; an empty `before` is a beginning."""
        if not before:
            return after in self.states if self.initial is None else after == self.initial
        return after in self.transitions.get(before, ())


Entities = dict[str, Entity]


def _check(entities: Entities, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    for kind, entity in entities.items():
        known, seen = set(entity.states), set[str]()
        told = f"expected one of the states {', '.join(entity.states)}"
        for index, state in enumerate(entity.states):
            if state in seen:
                yield (kind, "states", index), f"{state}: expected each state once"
            seen.add(state)
        for path, state in _named(entity):
            if state not in known:
                yield (kind, *path), f"{state}: {told}"
        for index, state in enumerate(entity.terminal or ()):
            if entity.transitions.get(state):
                yield (kind, "terminal", index), f"{state}: expected a state that no transition leads away from"
        for state, seconds in entity.stuck_after.items():
            if state in known and state in entity.ends:
                told_end = "expected a state that something follows: this one is an end"
                yield (kind, "stuck_after", state), f"{state}: {told_end}"
            if seconds <= 0:
                yield (kind, "stuck_after", state), f"{state}: expected a duration above 0, such as 15m"


def _named(entity: Entity) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every state that the entity's keys name, and where."""
    if entity.initial is not None:
        yield ("initial",), entity.initial
    for state, following in entity.transitions.items():
        yield ("transitions", state), state
        for index, after in enumerate(following):
            yield ("transitions", state, index), after
    for index, state in enumerate(entity.terminal or ()):
        yield ("terminal", index), state
    for state in entity.stuck_after:
        yield ("stuck_after", state), state


def _advise(entities: Entities, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    for kind, entity in entities.items():
        reached = {entity.initial, *(state for following in entity.transitions.values() for state in following)}
        for index, state in enumerate(entity.states):
            if entity.transitions and entity.initial is not None and state not in reached:
                yield (kind, "states", index), f"{state}: nothing leads to this state"


def _events(entities: Entities) -> Iterable[str]:
    for entity in entities.values():
        yield from entity.events


SECTION: Section[Entities] = Section(
    name="entities",
    help="Kinds of entities with the states that they go through: what may follow what, and how long is too long.",
    type=Annotated[dict[Name, Entity], Field(max_length=KINDS_MAX)],
    empty=dict,
    check=_check,
    advise=_advise,
    events=_events,
    example="""entities:
  linkup:
    description: A group that is being brought together
    states: [created, broadcasting, locked, completed, expired, canceled]
    initial: created
    transitions:
      created: [broadcasting, canceled]
      broadcasting: [locked, expired, canceled]
      locked: [completed, canceled]
    stuck_after: {broadcasting: 2h, locked: 1d}
    events:
      linkup.locked: {required: [region, correlation_id], allowed: [region, members]}
      linkup.canceled: {required: [actor, reason]}
""",
)
