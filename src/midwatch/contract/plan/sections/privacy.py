"""`privacy`: what is private, and what is done with it."""

import difflib
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
    computed_field,
    model_validator,
)

from midwatch.contract.plan.section import Model, Name, Section
from midwatch.contract.privacy import (
    DEFAULTS,
    ENTRY,
    MESSAGE_FIELDS,
    PHONE_FIELDS,
    deny_pattern,
    denylist,
    without,
    words,
)
from midwatch.contract.privacy_actions import ACTION_EXPECTED, ACTIONS, COUNT_MAX, LOOKS, Action
from midwatch.contract.privacy_hashing import HashKeys
from midwatch.contract.privacy_phone import region_of
from midwatch.contract.privacy_rules import FIELD_CHARACTERS_MAX, FieldRule, KeptShorter, LookRule, PrivacyPolicy

RULES_MAX = 500
RETENTION_CLASSES_MAX = 20
OF_ERRORS = ("exception.type", "exception.message", "exception.stacktrace")
_PATTERN = "|".join(
    [*(name for name in ACTIONS if name not in COUNT_MAX), rf"(?:{'|'.join(COUNT_MAX)}) [1-9]\d{{0,4}}"]
)


def _entry(text: str) -> str:
    words(text)
    return text


def _default(text: str) -> str:
    if words(text) not in {words(entry) for entry in DEFAULTS}:
        near = difflib.get_close_matches(text, DEFAULTS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ": " + ", ".join(sorted(DEFAULTS))
        raise ValueError(f"expected an entry of a default list{hint}")
    return text


def _action(value: Any) -> Action:
    if not isinstance(value, str):
        raise ValueError(f"expected {ACTION_EXPECTED}")
    return Action.of(value)


def _field(text: str) -> str:
    FieldRule(text, Action(""))
    return text


Entry = Annotated[str, Field(max_length=200, json_schema_extra={"pattern": f"^{ENTRY.pattern}$"})]
Region = Annotated[str, AfterValidator(region_of), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z]{2}$"})]
Written = Annotated[
    Action,
    BeforeValidator(_action),
    PlainSerializer(lambda action: f"{action.name} {action.count}" if action.count else action.name, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^(?:{_PATTERN})$"}),
]


class RetentionClass(Model):
    """How long fields are kept of which a rule says so; their rows stay as long as their signal does."""

    name: Name
    days: int = Field(ge=1, le=3660)


class Rule(Model):
    """What is done with the values of one field. The first action that fits holds, and holds over the lists."""

    field: Annotated[str, Field(min_length=1, max_length=FIELD_CHARACTERS_MAX), AfterValidator(_field)]
    """Keys joined by dots (`user.phone`); it stands for every path that ends in it. `*` is any part of a key."""
    action: Written | None = None
    """Nothing where the rule is about `retention` alone."""
    retention: Name | None = None
    """A class of `retention_classes`, after whose days the server empties the field."""
    signals: tuple[Literal["traces", "logs", "metrics"], ...] = ()
    """Empty: all. Events and errors are logs."""
    services: tuple[Name, ...] = ()
    """Empty: all."""

    @model_validator(mode="after")
    def _says_something(self) -> "Rule":
        if self.action is None and self.retention is None:
            raise ValueError(f"expected an action ({ACTION_EXPECTED}) or a retention")
        if self.retention is not None and self.signals == ("metrics",):
            raise ValueError("retention: expected traces or logs; labels are kept as long as their series")
        if self.retention is not None and self.field in OF_ERRORS:
            raise ValueError(f"retention: expected another field; {self.field} is what an error is grouped by")
        return self


class Look(Model):
    """What is done with all that looks alike, whatever its key. The first that fits holds."""

    look: Annotated[str, WithJsonSchema({"type": "string", "enum": list(LOOKS)})]
    """email, phone, card, iban, ssn, jwt, key; and ip, which is kept where no rule says otherwise."""
    action: Written
    """remove, hash, mask, last N or keep."""
    signals: tuple[Literal["traces", "logs", "metrics"], ...] = ()
    services: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _can_be_done(self) -> "Look":
        self.rule()
        return self

    def rule(self) -> LookRule:
        return LookRule(self.look, self.action, self.signals, self.services)


class Privacy(Model):
    """What is added to the default lists, what of them does not apply, and rules for single fields."""

    deny: tuple[Annotated[Entry, AfterValidator(_entry)], ...] = Field(default=(), max_length=500)
    """Words at whose keys' end values are removed: `phone number` stands for `user.phoneNumber`, `PHONE_NUMBER` …"""
    keep: tuple[Annotated[Entry, AfterValidator(_default)], ...] = Field(default=(), max_length=500)
    """Entries of the default lists that shall not apply."""
    fields: tuple[Rule, ...] = Field(default=(), max_length=RULES_MAX)
    """Rules for single fields."""
    retention_classes: tuple[RetentionClass, ...] = Field(default=(), max_length=RETENTION_CLASSES_MAX)
    """For fields that are kept shorter than their rows."""
    looks: tuple[Look, ...] = Field(default=(), max_length=RULES_MAX)
    """Rules for what values look like."""
    region: Region = ""
    """Where phone numbers without a country code are of, such as US."""

    at_the_server: bool = True
    """Whether the server takes out once more what comes to it, whoever sends it. Apps do it in any case."""

    @model_validator(mode="after")
    def _classes_are_named_once(self) -> "Privacy":
        names = [one.name for one in self.retention_classes]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"retention_classes: expected another name for each; {twice} is there twice")
        for rule in self.fields:
            if rule.retention is not None and rule.retention not in names:
                known = ", ".join(names) or "none"
                raise ValueError(
                    f"{rule.field}: retention={rule.retention}: expected one of retention_classes: {known}"
                )
        return self

    @property
    def kept_shorter(self) -> tuple[KeptShorter, ...]:
        """The rules of `fields` that say how long."""
        days = {one.name: one.days for one in self.retention_classes}
        return tuple(
            KeptShorter(FieldRule(one.field, Action(""), one.signals, one.services), days[one.retention])
            for one in self.fields
            if one.retention is not None
        )

    @computed_field  # type: ignore[prop-decorator]
    @property
    def denylist(self) -> tuple[str, ...]:
        """Every entry in force."""
        return denylist(deny=self.deny, keep=self.keep)

    @property
    def pattern(self) -> str:
        """The regular expression for keys (RE2) that the store removes values by."""
        return deny_pattern(self.denylist)

    def policy(self, *, keys: HashKeys | None = None, region: str = "", statements: bool = True) -> PrivacyPolicy:
        """What an app applies; `region`: instead of the plan's."""
        return PrivacyPolicy(
            deny=self.denylist,
            messages=without(self.keep, MESSAGE_FIELDS),
            phones=without(self.keep, PHONE_FIELDS),
            rules=tuple(
                FieldRule(one.field, one.action, one.signals, one.services)
                for one in self.fields
                if one.action is not None
            ),
            looks=tuple(one.rule() for one in self.looks),
            keys=keys,
            region=region or self.region,
            statements=statements,
        )


SECTION: Section[Privacy] = Section(
    name="privacy",
    help="What is private, and what is done with it before anything leaves an app or is stored; default lists are"
    " always on.",
    type=Privacy,
    empty=Privacy,
    example="""privacy:
  deny: [street address, full name]
  keep: [otp, completion]
  region: US
  fields:
    - {field: user.phone, action: phone_hash}
    - {field: customer.email, action: hash, services: [api, worker]}
    - {field: iban, action: last 4}
    - {field: "*.description", action: truncate 80, signals: [logs]}
    - {field: search.text, retention: short}
  retention_classes:
    - {name: short, days: 7}
  looks:
    - {look: ip, action: hash}
    - {look: card, action: last 4, services: [billing]}
""",
)
