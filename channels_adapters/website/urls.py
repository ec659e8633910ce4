"""The website channel's HTTP entrances, under /api/v1/widget/."""

from django.urls import path

from channels_adapters.website import api, scores, uploads

urlpatterns = [
    path("site", api.SiteView.as_view()),
    path("session", api.SessionView.as_view()),
    path("messages", api.MessagesView.as_view()),
    path("attachments", uploads.AttachmentsView.as_view()),
    path("attachments/<int:pk>", uploads.AttachmentView.as_view()),
    path("seen", api.SeenView.as_view()),
    path("rating", scores.ScoreView.as_view()),
    path("contact", api.ContactView.as_view()),
]
