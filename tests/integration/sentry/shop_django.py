"""A Django app with Sentry's SDK: one request that sends a task of Celery and then fails. What shop_celery.py reads."""

import os
from collections.abc import Callable

import django
import httpx
import sentry_sdk
import shop_celery
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="tests",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", f"{__name__}.signed_in"],
)
sentry_sdk.init(
    os.environ["DSN"],
    environment="staging",
    release="web@1.4",
    traces_sample_rate=1.0,
    send_default_pii=True,
    auto_enabling_integrations=False,
    integrations=[DjangoIntegration(), CeleryIntegration()],
)
sentry_sdk.get_global_scope().set_tag("service", "shop-web")
django.setup()


class BasketLost(Exception):
    """The team's own."""


def signed_in(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    from django.contrib.auth.models import User  # only once the apps are there

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = User(pk=7, username="ada", email="ada@example.com")
        return answer(request)

    return middleware


def checkout(request: HttpRequest, basket: str) -> HttpResponse:
    shop_celery.charge.delay(42, currency="EUR")
    raise BasketLost(f"basket {basket}")


urlpatterns = [path("baskets/<str:basket>/checkout", checkout)]

if __name__ == "__main__":
    from django.core.wsgi import get_wsgi_application

    transport = httpx.WSGITransport(get_wsgi_application(), raise_app_exceptions=False)
    with httpx.Client(transport=transport, base_url="http://shop.test", cookies={"sid": "s3cr3t"}) as client:
        form = {"item": "pencils", "secret_note": "for Bob"}
        answer = client.post("/baskets/b-17/checkout?step=2", data=form, headers={"x-tenant": "acme"})
    assert answer.status_code == 500
    sentry_sdk.get_client().close(timeout=10.0)
