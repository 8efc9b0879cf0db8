"""A FastAPI app with Sentry's SDK: serves one request and sends what it tells. Reads DSN, SERVICE and TRACE."""

import logging
import os

import sentry_sdk
from fastapi import FastAPI
from fastapi.testclient import TestClient

sentry_sdk.init(
    dsn=os.environ["DSN"],
    environment="staging",
    release="api@2.1",
    traces_sample_rate=1.0,
    enable_logs=True,
    send_default_pii=False,
)
sentry_sdk.set_tag("service", os.environ["SERVICE"])
sentry_sdk.get_global_scope().set_attribute("service", os.environ["SERVICE"])
app = FastAPI()


@app.get("/orders/{order_id}")
def order(order_id: int) -> dict[str, int]:
    sentry_sdk.set_user({"id": "u-9"})
    with sentry_sdk.start_span(op="db", name='SELECT "stock" FROM "books" WHERE id = %s') as span:
        span.set_data("db.system", "postgresql")
    logging.getLogger("shop").warning("only %d left", 2)
    sentry_sdk.metrics.count("orders.taken", 3, attributes={"kind": "book"})
    sentry_sdk.metrics.distribution("orders.weight", 12.5, unit="kilogram")
    return {"id": order_id}


headers = {
    "sentry-trace": f"{os.environ['TRACE']}-{'a' * 16}-1",
    "baggage": f"sentry-trace_id={os.environ['TRACE']},sentry-sample_rate=0.25,sentry-sampled=true,sentry-public_key=k",
}
with TestClient(app) as client:
    assert client.get("/orders/42?coupon=x", headers=headers).status_code == 200
sentry_sdk.get_client().close(timeout=5.0)
