"""What amounts of one currency are in another, by the fixed rates of the plan."""

from decimal import Decimal

from midwatch.contract.plan.sections.currency import Currency
from midwatch.server.model.errors import BadRequest


class Exchange:
    def __init__(self, currency: Currency) -> None:
        self.base = currency.base
        self._worth = {**currency.rates, currency.base: Decimal(1)}

    @property
    def known(self) -> tuple[str, ...]:
        return tuple(sorted(self._worth))

    def rate(self, of: str, to: str) -> Decimal | None:
        """What one of `of` is in `to`; None where there is no rate. An amount without a currency is in the base."""
        worth, other = self._worth.get(of or self.base), self._worth.get(to)
        return None if worth is None or other is None else worth / other

    def require(self, currency: str | None) -> str:
        """The one that sums are to be in.

        Raises:
            BadRequest: the plan has no rate of it.
        """
        if not currency:
            return self.base
        if currency not in self._worth:
            raise BadRequest(
                f"currency={currency[:10]}: expected one of {', '.join(self.known)}, or a rate in `currency.rates`"
            )
        return currency
