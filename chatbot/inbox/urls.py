"""The inbox's entrances: pages under /inbox/, calls under /api/v1/inbox/."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from chatbot.inbox import (
    api,
    canned,
    contacts,
    deeds,
    drafts,
    files,
    gist,
    macros,
    similar,
    suggestions,
    translating,
    views,
    writing,
)

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
    path("drafts", drafts.DraftedView.as_view()),
    path("conversations/<int:pk>/drafts", drafts.DraftsView.as_view()),
    path("conversations/<int:pk>/drafts/<slug:kind>", drafts.DraftView.as_view()),
    path("replies", canned.CannedRepliesView.as_view()),
    path("replies/<int:pk>", canned.CannedReplyView.as_view()),
    path("conversations/<int:pk>/replies/<int:reply>", canned.FillView.as_view()),
    path("macros", macros.MacrosView.as_view()),
    path("macros/<int:pk>", macros.MacroView.as_view()),
    path("conversations/<int:pk>/macros/<int:macro>", macros.RunView.as_view()),
    path("conversations/<int:pk>/suggestion", suggestions.SuggestionView.as_view()),
    path("suggestions/<int:pk>/discard", suggestions.DiscardView.as_view()),
    path("conversations/<int:pk>/summary", gist.SummaryView.as_view()),
    path("conversations/<int:pk>/translate", translating.TranslateReplyView.as_view()),
    path("messages/<int:pk>/translate", translating.TranslateMessageView.as_view()),
]
