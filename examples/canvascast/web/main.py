"""CanvasCast's web front: the page, and the API behind `/api`. All that is told of it is told by two lines."""

import os

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

import midwatch

HANDED_ON = ("authorization", "content-type", "x-trace-id")
PAGE = "<!doctype html><title>CanvasCast</title><h1>CanvasCast</h1><p>A prompt becomes a video.</p>"

midwatch.init(plan=os.environ.get("PLAN"))
midwatch.histogram(
    "http_request_duration_seconds", labels=("method", "route", "status"), buckets=(0.1, 0.5, 1, 2, 5, 10)
)
app = FastAPI()
api = httpx.AsyncClient(base_url=os.environ["API_URL"], timeout=30)
midwatch.instrument(app)
midwatch.instrument(httpx)
midwatch.health(app, {"api": f"{os.environ['API_URL']}/health"})


@app.get("/", response_class=HTMLResponse)
async def page() -> str:
    return PAGE


@app.api_route("/api/{path:path}", methods=["GET", "POST", "DELETE"])
async def handed_on(path: str, request: Request) -> Response:
    headers = {name: request.headers[name] for name in HANDED_ON if name in request.headers}
    answer = await api.request(request.method, f"/{path}", content=await request.body(), headers=headers)
    told = {name: answer.headers[name] for name in ("content-type", "x-trace-id") if name in answer.headers}
    if "x-trace-id" in headers:
        del told["x-trace-id"]  # the SDK echoes what came
    return Response(answer.content, answer.status_code, told)
