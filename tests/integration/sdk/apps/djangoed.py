"""A Django project in one file, with one line of Midwatch; behind WSGI (`wsgi`) and ASGI (`asgi`)."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import django
from django.conf import settings
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import include, path

import midwatch

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="tests",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    LOGGING_CONFIG=None,
)
django.setup()
midwatch.init()
log = midwatch.get_logger("shop")


def item(request: HttpRequest, item_id: str) -> JsonResponse:
    midwatch.bind(user_id=f"user-{item_id}")
    log.info("looked up", item_id=item_id)
    return JsonResponse({"item": item_id})


def broken(request: HttpRequest) -> JsonResponse:
    raise ValueError("no such item")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def body() -> Iterator[str]:
        for number in range(4):
            log.info("streaming", number=number)
            yield f"{number}\n"
            time.sleep(0.05)

    async def body_in_async() -> AsyncIterator[str]:
        for number in range(4):
            log.info("streaming", number=number)
            yield f"{number}\n"
            await asyncio.sleep(0.05)

    return StreamingHttpResponse(body_in_async() if hasattr(request, "scope") else body())


async def later(request: HttpRequest, number: int) -> JsonResponse:
    await asyncio.sleep(0.01)
    log.info("later", number=number)
    return JsonResponse({"number": number})


def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


api = [path("later/<int:number>", later)]
urlpatterns = [
    path("items/<str:item_id>", item),
    path("broken", broken),
    path("stream", stream),
    path("health", health),
    path("api/", include(api)),
]

from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

wsgi, asgi = get_wsgi_application(), get_asgi_application()
midwatch.instrument(wsgi)
midwatch.instrument(asgi)
