"""What customers' browsers talk to: the catalogue, and orders handed on to the orders service."""

import asyncio
import logging
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI, HTTPException
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from pydantic import BaseModel
from telemetry import setup

setup("storefront")
log = logging.getLogger("storefront")
tracer = trace.get_tracer("shop.storefront")
PRODUCTS = {1: "Sextant", 2: "Deck lamp", 3: "Oilskin coat", 4: "Ship's bell", 5: "Barometer", 6: "Log line"}


class Order(BaseModel):
    product_id: int
    quantity: int
    customer: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=os.environ["ORDERS_URL"], timeout=5) as client:
        app.state.orders = client
        log.info("storefront ready", extra={"products": len(PRODUCTS)})
        yield


app = FastAPI(title="storefront", lifespan=lifespan)


async def query_catalogue(statement: str, *, slow: bool = False) -> None:
    """Stands for a PostgreSQL query, with the attributes that its instrumentation would set."""
    attributes = {"db.system.name": "postgresql", "db.namespace": "shop", "db.query.text": statement}
    summary = f"{statement.split(maxsplit=1)[0]} products"
    with tracer.start_as_current_span(summary, kind=trace.SpanKind.CLIENT, attributes=attributes):
        await asyncio.sleep(random.lognormvariate(-5.5, 0.5) + (random.uniform(0.8, 1.6) if slow else 0))


@app.get("/products")
async def products(search: str = "") -> dict[int, str]:
    slow = search == "%"
    await query_catalogue("SELECT id, name FROM products WHERE name ILIKE $1", slow=slow)
    if slow:
        log.warning("catalogue search without an index took long", extra={"db.query.summary": "SELECT products"})
    return {key: name for key, name in PRODUCTS.items() if search.strip("%").lower() in name.lower()}


@app.get("/products/{product_id}")
async def product(product_id: int) -> dict[str, str]:
    await query_catalogue("SELECT id, name FROM products WHERE id = $1")
    if product_id not in PRODUCTS:
        log.info("product not found", extra={"product.id": product_id})
        raise HTTPException(404, f"no product {product_id}")
    return {"name": PRODUCTS[product_id]}


@app.post("/orders", status_code=202)
async def place_order(order: Order) -> dict[str, str]:
    log.info("order received", extra={"user.id": order.customer, "product.id": order.product_id})
    answer = await app.state.orders.post("/orders", json=order.model_dump())
    if answer.status_code >= 500:
        log.error(
            "orders service failed",
            extra={"user.id": order.customer, "http.response.status_code": answer.status_code},
        )
        raise HTTPException(502, "the order could not be taken; nothing was charged")
    return answer.json()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/internal/told/{whom}", status_code=204)
async def told(whom: str, message: dict[str, Any]) -> None:
    """Stands for a chat and for telephones: what a receiver is told is a line of the log."""
    alerts = ", ".join(sorted({alert["labels"]["alertname"] for alert in message["alerts"]}))
    log.info("%s is told: %s %s", whom, alerts, message["status"], extra={"told.whom": whom})


FastAPIInstrumentor.instrument_app(app, excluded_urls="/health,/internal/.*", exclude_spans=["receive", "send"])
