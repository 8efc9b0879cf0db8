"""A payment provider that is asked for a charge, in the shape of Stripe's. `declined`: 402, `card_declined`."""

import time
import uuid
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from examples.outside.vendor import Vendor, router_of

CHECKOUT = Vendor("checkout", knows=frozenset({"declined"}))
router = router_of(CHECKOUT)


class Charge(BaseModel):
    """`amount` in the smallest unit of the currency."""

    amount: int
    currency: str
    customer: str


@router.post("/v1/charges")
async def charge(wanted: Charge) -> Any:
    charge_id = f"ch_{uuid.uuid4().hex[:24]}"
    if CHECKOUT.does("declined"):
        error = {
            "type": "card_error",
            "code": "card_declined",
            "message": "Your card was declined.",
            "charge": charge_id,
        }
        return JSONResponse({"error": error}, 402)
    told = wanted.model_dump()
    return {
        "id": charge_id,
        "object": "charge",
        **told,
        "created": int(time.time()),
        "paid": True,
        "status": "succeeded",
    }
