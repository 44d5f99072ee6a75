from django.urls import path

from ibcm.curation import views

app_name = "review"

urlpatterns = [
    path("", views.queue, name="queue"),
    path("case/", views.case, name="case"),
    path("decide/", views.decide, name="decide"),
    path("bulk/", views.bulk, name="bulk"),
    path("thing/<path:asked>/", views.thing, name="thing"),
    path("split/", views.split, name="split"),
    path("pin/", views.pin, name="pin"),
    path("hide/", views.hide, name="hide"),
    path("undo/", views.undo, name="undo"),
]
