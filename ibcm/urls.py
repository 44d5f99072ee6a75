"""Every address of the product; the apps own what stands below them."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

PARTS = ("ibcm.monitoring.urls", "ibcm.api.urls", "ibcm.chat.urls")

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("ibcm.relay.server")),
    *(path("", include(part)) for part in PARTS if find_spec(part.rpartition(".")[0]) and find_spec(part)),
]
