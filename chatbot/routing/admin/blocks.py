"""The record of who was blocked, for reading: agents block and unblock in the inbox."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from chatbot.conversations.admin import ReadOnly
from chatbot.routing.models import Block


@admin.register(Block)
class BlockAdmin(ReadOnly, ModelAdmin):
    list_display = ("created_at", "contact", "user", "reason", "lifted_at", "lifted_by")
    list_select_related = ("contact", "user", "lifted_by")
    fields = list_display
