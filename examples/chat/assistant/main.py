"""The assistant: an answer for a ticket, and summaries of rooms, which are made later."""

import os
import time
from typing import Any

import jobs
import model
import openai
import redis
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from telemetry import log

import midwatch

app = FastAPI(title="Chat assistant")
midwatch.instrument(app)
midwatch.answer_errors(app)
queue = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=2, socket_connect_timeout=2)
midwatch.health(app, {"database": os.environ["DATABASE_URL"], "redis": queue})
midwatch.queue_depth(jobs.QUEUE, lambda: queue.llen(jobs.QUEUE))


class Ticket(BaseModel):
    id: int
    title: str
    text: str
    user_id: str


@app.post("/assist")
def assist(ticket: Ticket) -> dict[str, str]:
    midwatch.bind(ticket_id=ticket.id, user_id=ticket.user_id)
    try:
        answer = model.answer("Suggest an answer to this ticket.", f"{ticket.title}\n{ticket.text}")
    except openai.OpenAIError as error:
        log.exception("assistant.failed", code="ASSISTANT_FAILED")
        raise HTTPException(502, "the model does not answer") from error
    log.info("assistant.answered")
    return {"answer": answer}


@app.post("/summaries", status_code=202)
def summarise(told: dict[str, Any]) -> dict[str, str]:
    return {"job_id": jobs.later(told, time.time())}
