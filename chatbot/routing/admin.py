"""People, skills, and why conversations went where they went."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from chatbot.conversations.admin import ReadOnly
from chatbot.routing import explanation
from chatbot.routing.models import AgentProfile, Assignment, Skill

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class SvarUserAdmin(UserAdmin[User], ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class SvarGroupAdmin(GroupAdmin, ModelAdmin):
    pass


@admin.register(Skill)
class SkillAdmin(ModelAdmin):
    list_display = ("name", "slug", "shown_topics")
    prepopulated_fields = {"slug": ("name",)}
    filter_horizontal = ("topics",)

    @admin.display(description=_("topics"))
    def shown_topics(self, skill: Skill) -> str:
        return ", ".join(category.name for category in skill.topics.all())


@admin.register(AgentProfile)
class AgentProfileAdmin(ModelAdmin):
    list_display = ("name", "user", "presence", "capacity", "shown_skills", "languages")
    filter_horizontal = ("skills",)
    autocomplete_fields = ("user",)

    @admin.display(description=_("skills"))
    def shown_skills(self, agent: AgentProfile) -> str:
        return ", ".join(skill.name for skill in agent.skills.all())


@admin.register(Assignment)
class AssignmentAdmin(ReadOnly, ModelAdmin):
    list_display = ("conversation", "agent", "way", "why", "created_at")
    list_filter = ("way", "agent")
    list_select_related = ("conversation__contact", "conversation__channel", "agent")
    fields = ("conversation", "agent", "way", "why", "considered", "created_at", "ended_at")
    readonly_fields = fields

    @admin.display(description=_("why"))
    def why(self, assignment: Assignment) -> str:
        return explanation.sentence(assignment)

    @admin.display(description=_("considered"))
    def considered(self, assignment: Assignment) -> Any:
        return format_html_join(
            "",
            "<p>{}: {} {}</p>",
            (
                (
                    candidate["name"],
                    ", ".join(f"{n} {v}" for n, v in explanation.factors(candidate)),
                    explanation.rejection(candidate["rejected"]),
                )
                for candidate in assignment.candidates
            ),
        )
