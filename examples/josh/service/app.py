"""The core service: what the web front hands on. It owns the tables."""

from typing import Any

import billing
import inbound
import linkups
import outbound
import profiles
import safety
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import NoResultFound
from tables import Switch, engine, transaction

import midwatch

app = FastAPI(title="JOSH core")
midwatch.instrument(app)
midwatch.health(app, {"database": engine})
midwatch.relay(engine)


@app.post("/sms/inbound")
def sms_inbound(message: dict[str, str]) -> dict[str, Any]:
    return vars(inbound.received(message["sid"], message["from"], message["body"]))


@app.post("/sms/status")
def sms_status(message: dict[str, str | None]) -> dict[str, bool]:
    outbound.delivered(str(message["sid"]), str(message["status"]), message.get("error_code"))
    return {"ok": True}


@app.post("/stripe/event")
def stripe_event(event: dict[str, Any]) -> dict[str, bool]:
    return {"duplicate": not billing.processed(event)}


@app.post("/profiles/register")
def register(told: dict[str, str]) -> dict[str, int]:
    return {"user_id": profiles.register(told["phone"], told.get("region", "nyc"))}


@app.post("/profiles/verify")
def verify(told: dict[str, str]) -> dict[str, int]:
    return {"user_id": profiles.verify(told["phone"], told["code"])}


@app.post("/admin/{act}")
def admin(act: str, told: dict[str, Any]) -> dict[str, bool]:
    actor = told["actor"]
    match act:
        case "replay_outbound":
            outbound.again(int(told["job_id"]), actor)
        case "cancel_linkup":
            linkups.canceled(int(told["linkup_id"]), actor, told.get("reason", "admin"))
        case "complete_linkup":
            linkups.completed(int(told["linkup_id"]), actor)
        case "release_hold":
            safety.released(int(told["user_id"]), actor)
        case "resolve_incident":
            safety.resolved(int(told["incident_id"]), actor)
        case _:
            raise HTTPException(404, f"no act {act}")
    return {"ok": True}


@app.post("/rehearsal/{name}")
def rehearse(name: str, told: dict[str, bool]) -> dict[str, bool]:
    """Something goes wrong from now on, or does so no more."""
    with transaction("rehearsal") as session:
        if told["on"]:
            session.merge(Switch(name=name))
        elif found := session.get(Switch, name):
            session.delete(found)
    return {"ok": True}


@app.exception_handler(NoResultFound)
@app.exception_handler(profiles.WrongCode)
def not_found(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "there is none"}, 404)


@app.exception_handler(linkups.NoSuchState)
def not_now(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 409)
