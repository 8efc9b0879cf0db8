"""`privacy`: keys whose values are removed before anything is stored."""

import difflib
from typing import Annotated

from pydantic import AfterValidator, Field, computed_field

from midwatch.contract.plan.section import Model, Section
from midwatch.contract.privacy import DEFAULT_DENYLIST, ENTRY, deny_pattern, denylist, words


def _entry(text: str) -> str:
    words(text)
    return text


def _default(text: str) -> str:
    if words(text) not in {words(entry) for entry in DEFAULT_DENYLIST}:
        near = difflib.get_close_matches(text, DEFAULT_DENYLIST, n=1)
        hint = f"; did you mean {near[0]}?" if near else ": " + ", ".join(DEFAULT_DENYLIST)
        raise ValueError(f"expected an entry of the default denylist{hint}")
    return text


Entry = Annotated[str, Field(max_length=200, json_schema_extra={"pattern": f"^{ENTRY.pattern}$"})]


class Privacy(Model):
    """What is added to the default denylist, and what of it does not apply."""

    deny: tuple[Annotated[Entry, AfterValidator(_entry)], ...] = Field(default=(), max_length=500)
    """Words at whose keys' end values are removed: `phone number` stands for `user.phoneNumber`, `PHONE_NUMBER` …"""
    keep: tuple[Annotated[Entry, AfterValidator(_default)], ...] = Field(default=(), max_length=500)
    """Entries of the default denylist that shall not apply."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def denylist(self) -> tuple[str, ...]:
        """Every entry in force."""
        return denylist(deny=self.deny, keep=self.keep)

    @property
    def pattern(self) -> str:
        """The regular expression for keys (RE2) that the store removes values by."""
        return deny_pattern(self.denylist)


SECTION: Section[Privacy] = Section(
    name="privacy",
    help="Keys whose values are removed before anything is stored; a default list is always on.",
    type=Privacy,
    empty=Privacy,
    example="""privacy:
  deny: [phone number, message body]
  keep: [otp]
""",
)
