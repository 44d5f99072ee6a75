from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from ibcm.api import problems
from ibcm.api.views import AnswerView, AskStreamView, AskView, EntityView

urlpatterns = [
    path("api/v1/ask", AskView.as_view(), name="api-ask"),
    path("api/v1/ask/stream", AskStreamView.as_view(), name="api-ask-stream"),
    path("api/v1/answers/<uuid:answer_id>", AnswerView.as_view(), name="api-answer"),
    path("api/v1/entities/<path:asked>", EntityView.as_view(), name="api-entity"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    # The split view keeps its script in a file of its own, as the content policy demands.
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    re_path(r"^api/", problems.not_found),
]
