"""Every address of the product; the apps own what stands below them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/review/", include("ibcm.curation.urls")),
    path("admin/", admin.site.urls),
    path("", include("ibcm.relay.server")),
    path("", include("ibcm.monitoring.urls")),
    path("", include("ibcm.api.urls")),
    path("", include("ibcm.chat.urls")),
]
