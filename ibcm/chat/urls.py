from django.urls import path

from ibcm.chat import views

urlpatterns = [
    path("", views.ask, name="ask"),
    path("answers/<uuid:answer_id>", views.answer, name="answer"),
]
