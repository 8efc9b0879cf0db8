"""What things cost: units that were used, and money where the app knows it."""

from typing import Any

from midwatch.contract import events as names
from midwatch.sdk.events import fields_of, guard, tell
from midwatch.sdk.setup import METRICS

_UNITS = METRICS.counter("cost_units_total", "Units used", ("kind",))
_AMOUNTS = METRICS.counter("cost_amount_total", "Money spent", ("kind", "currency"))


def cost(kind: str, units: float = 1, *, amount: float | None = None, currency: str = "USD", **attributes: Any) -> None:
    """Something was used that costs: told with the ids of the work at hand, so that a job's cost can be summed.

    Args:
        kind: What: `sms`, `llm.input_tokens`, `sandbox.seconds`; few names.
        units: How many. A price list makes money of them where `amount` does not.
        amount: What it cost, where it is known; below zero for what was given back.
        currency: ISO 4217.
        attributes: More that belongs to it, such as the model or the recipient's country.
    """
    with guard:
        _UNITS.add(units, kind=kind)
        about: dict[str, Any] = {names.COST_KIND: kind, names.COST_UNITS: units}
        if amount is not None:
            about[names.COST_AMOUNT], about[names.COST_CURRENCY] = amount, currency
            if amount >= 0:
                _AMOUNTS.add(amount, kind=kind, currency=currency)
        tell(names.COST, fields_of(None, "", {**attributes, **about}), as_line=False)
