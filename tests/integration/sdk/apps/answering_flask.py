"""An app that fails in every way and answers with envelopes."""

from flask import Flask, abort
from werkzeug.exceptions import TooManyRequests

import midwatch

midwatch.init()
app = Flask(__name__)
midwatch.instrument(app)
midwatch.answer_errors(app)


@app.get("/limited")
def limited() -> None:
    raise TooManyRequests("slow down", retry_after=7)


@app.get("/invalid")
def invalid() -> None:
    abort(400, "no such size")


@app.get("/broken")
def broken() -> None:
    raise ValueError("the basket is broken")
