"""The inbox's entrances: pages under /inbox/, calls under /api/v1/inbox/."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from chatbot.inbox import api, views

pages = [
    path("", views.inbox, name="inbox"),
    path("c/<int:conversation>/", views.inbox, name="inbox-conversation"),
    path("login/", views.InboxLogin.as_view(), name="inbox-login"),
    path("logout/", LogoutView.as_view(), name="inbox-logout"),
]
calls = [
    path("me", api.MeView.as_view()),
    path("agents", api.AgentsView.as_view()),
    path("topics", api.TopicsView.as_view()),
    path("attachments/<int:pk>", api.AttachmentView.as_view()),
    path("conversations", api.ConversationsView.as_view()),
    path("conversations/<int:pk>", api.ConversationView.as_view()),
    path("conversations/<int:pk>/messages", api.ConversationMessagesView.as_view()),
    path("conversations/<int:pk>/reply", api.ReplyView.as_view()),
    path("conversations/<int:pk>/note", api.NoteView.as_view()),
    path("conversations/<int:pk>/classify", api.ClassifyView.as_view()),
    path("conversations/<int:pk>/take", api.TakeView.as_view()),
    path("conversations/<int:pk>/resolve", api.ResolveView.as_view()),
    path("conversations/<int:pk>/hand-back", api.HandBackView.as_view()),
]
