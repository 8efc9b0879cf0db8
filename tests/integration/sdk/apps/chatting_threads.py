"""The chat with threads: python-socketio's own server beside a Flask app, for gunicorn."""

from typing import Any

import socketio
from flask import Flask

import midwatch

midwatch.init()
sio = socketio.Server(async_mode="threading", namespaces=["/chat"])
app = Flask(__name__)
midwatch.instrument(sio, ack_seconds=0.4, client_of=lambda environ, auth: auth and auth.get("seat"))
app.wsgi_app = socketio.WSGIApp(sio, app.wsgi_app)  # type: ignore[method-assign]
midwatch.instrument(app)
log = midwatch.get_logger("chat")


@app.get("/items")
def items() -> list[str]:
    return ["lamp"]


class Chat(socketio.Namespace):  # type: ignore[misc]
    """As a class, with a method for each event."""

    def on_connect(self, sid: str, environ: dict[str, Any], auth: dict[str, Any]) -> None:
        midwatch.bind(user_id=auth["user"])

    def on_say(self, sid: str, said: dict[str, Any]) -> dict[str, Any]:
        log.info("said", words=said["words"])
        self.emit("said", {"words": said["words"], "ids": midwatch.ids()}, to=sid)
        return {"ids": midwatch.ids()}

    def on_ask(self, sid: str, event: str) -> None:
        self.emit(event, "are you there?", to=sid, callback=lambda answer: log.info("answered", answer=answer))

    def on_fail(self, sid: str) -> None:
        raise ValueError("cannot say that")


sio.register_namespace(Chat("/chat"))
