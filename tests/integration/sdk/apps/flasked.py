"""A Flask app with one line of Midwatch."""

import time
from collections.abc import Iterator

from flask import Flask, Response

import midwatch

midwatch.init()
app = Flask(__name__)
midwatch.instrument(app)
log = midwatch.get_logger("shop")


@app.get("/items/<item_id>")
def item(item_id: str) -> dict[str, str]:
    midwatch.bind(user_id=f"user-{item_id}")
    log.info("looked up", item_id=item_id)
    return {"item": item_id}


@app.get("/broken")
def broken() -> None:
    raise ValueError("no such item")


@app.get("/stream")
def stream() -> Response:
    def body() -> Iterator[str]:
        for number in range(4):
            log.info("streaming", number=number)
            yield f"{number}\n"
            time.sleep(0.05)

    return Response(body())


@app.get("/health")
def health() -> dict[str, bool]:
    return {"ok": True}
