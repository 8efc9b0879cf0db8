"""A FastAPI app with Sentry's SDK: one request that fails and one that only logs. Reads DSN."""

import logging
import os

import sentry_sdk
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from sentry_sdk.integrations.fastapi import FastApiIntegration
from sentry_sdk.integrations.starlette import StarletteIntegration

logging.basicConfig(level=logging.INFO)
sentry_sdk.init(
    os.environ["DSN"],
    environment="staging",
    release="api@2.1",
    traces_sample_rate=1.0,
    send_default_pii=True,
    # As they would be by themselves, without importing every library that is installed: 4 s.
    auto_enabling_integrations=False,
    integrations=[StarletteIntegration(), FastApiIntegration()],
)
sentry_sdk.get_global_scope().set_tag("service", "shop-api")
app = FastAPI()
log = logging.getLogger("shop.orders")


class OutOfStock(Exception):
    """The team's own."""


@app.post("/orders/{order_id}")
async def order(order_id: int, request: Request) -> None:
    sentry_sdk.set_user({"id": "u-9", "email": "ada@example.com"})
    cart = await request.json()
    log.info("order %d taken", order_id)
    raise OutOfStock(f"nothing of {cart['item']} is left")


@app.get("/health")
def health() -> dict[str, bool]:
    log.error("the bank said %d", 503, extra={"bank": "north"})
    return {"ok": True}


cart = {"item": "pencils", "password": "hunter2", "card": "4111 1111 1111 1111"}
headers = {"authorization": "Bearer abc.def.ghi", "x-tenant": "acme", "user-agent": "Mozilla/5.0 Shop/1"}
with TestClient(app, raise_server_exceptions=False) as client:
    assert client.post("/orders/42?coupon=x&token=t0p5ecret", json=cart, headers=headers).status_code == 500
    assert client.get("/health").status_code == 200
sentry_sdk.get_client().close(timeout=10.0)
