"""A FastAPI app with one line of Midwatch, and the routes that its tests ask for."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import BackgroundTasks, FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

import midwatch

midwatch.init()
app = FastAPI()
midwatch.instrument(app)
log = midwatch.get_logger("shop")

inner = FastAPI()
app.mount("/inner", inner)


@app.get("/items/{item_id}")
async def item(item_id: str) -> dict[str, str]:
    log.info("looked up", item_id=item_id)
    return {"item": item_id}


@app.get("/mixed/{number}")
async def mixed(number: int) -> dict[str, int]:
    midwatch.bind(number=number)
    for _ in range(3):
        await asyncio.sleep(0.001)
        log.info("mixed in", expected=number)
    return {"number": number}


@app.get("/plain/{number}")
def plain(number: int) -> dict[str, int]:
    midwatch.bind(user_id=f"user-{number}")
    return {"number": number}


@app.get("/broken")
async def broken() -> None:
    raise ValueError("no such item in the basket of anna@example.com")


@app.get("/slow")
async def slow() -> dict[str, bool]:
    await asyncio.sleep(1.05)
    return {"slow": True}


@app.get("/health")
async def health() -> dict[str, bool]:
    return {"ok": True}


@app.get("/stream/{chunks}")
async def stream(chunks: int) -> StreamingResponse:
    async def body() -> AsyncIterator[bytes]:
        for number in range(chunks):
            yield b"x" * 1000 + str(number).encode()
            await asyncio.sleep(0.05)

    return StreamingResponse(body())


@app.post("/upload")
async def upload(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@app.get("/later")
async def later(tasks: BackgroundTasks) -> dict[str, bool]:
    async def work() -> None:
        await asyncio.sleep(0.5)
        raise RuntimeError("the work after the answer failed")

    tasks.add_task(work)
    return {"ok": True}


@inner.get("/things/{thing_id}")
async def thing(thing_id: str) -> dict[str, str]:
    return {"thing": thing_id}


@app.websocket("/ws/{room}")
async def room(socket: WebSocket, room: str) -> None:
    if room == "private":
        await socket.close(1008)
        return
    await socket.accept()
    try:
        while True:
            said = await socket.receive_text()
            if said == "leave":
                await socket.close(4001)
                return
            if said == "send when gone":
                while True:
                    await socket.send_text("are you there?")
                    await asyncio.sleep(0.01)
            if said == "fail":
                raise ValueError("cannot say that")
            log.info("heard", room=room)
            await socket.send_text(said)
    except WebSocketDisconnect:
        return
