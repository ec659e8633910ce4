"""The inbox's entrances: pages under /inbox/, calls under /api/v1/inbox/."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from chatbot.inbox import api, contacts, deeds, files, similar, views, writing

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
    path("attachments", files.UploadsView.as_view()),
    path("attachments/<int:pk>", files.FileView.as_view()),
    path("messages/<int:pk>", files.MessageView.as_view()),
    path("messages/<int:pk>/resend", writing.ResendView.as_view()),
    path("contacts/<int:pk>/merge", contacts.MergeView.as_view()),
    path("merges/<int:pk>/undo", contacts.UndoMergeView.as_view()),
    path("conversations", api.ConversationsView.as_view()),
    path("conversations/<int:pk>", api.ConversationView.as_view()),
    path("conversations/<int:pk>/messages", api.ConversationMessagesView.as_view()),
    path("conversations/<int:pk>/similar", similar.SimilarView.as_view()),
    path("conversations/<int:pk>/reply", writing.ReplyView.as_view()),
    path("conversations/<int:pk>/note", writing.NoteView.as_view()),
    path("conversations/<int:pk>/classify", deeds.ClassifyView.as_view()),
    path("conversations/<int:pk>/take", deeds.TakeView.as_view()),
    path("conversations/<int:pk>/give", deeds.GiveView.as_view()),
    path("conversations/<int:pk>/pass-on", deeds.PassOnView.as_view()),
    path("conversations/<int:pk>/resolve", deeds.ResolveView.as_view()),
    path("conversations/<int:pk>/hand-back", deeds.HandBackView.as_view()),
]
