"""Who works here, and what they can."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from chatbot.routing.forms import TO_TICK, AgentForm, SkillForm
from chatbot.routing.models import Absence, AgentProfile, AgentSkill, Skill

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
    form = SkillForm
    list_display = ("name", "slug", "shown_topics", "weight", "patience_minutes")
    prepopulated_fields = {"slug": ("name",)}
    formfield_overrides = TO_TICK
    fieldsets = (
        (None, {"fields": ("name", "slug")}),
        (
            _("Which conversations need it"),
            {
                "fields": ("topics", "channels", "languages", "from_priority", "for_vips"),
                "description": _(
                    "Of each kind of condition by which any skill is meant for a conversation, it "
                    "needs one skill."
                ),
            },
        ),
        (_("Where nobody here has it"), {"fields": ("weight", "patience_minutes")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Skill]:
        found: QuerySet[Skill] = super().get_queryset(request)
        return found.prefetch_related("topics")

    @admin.display(description=_("topics"))
    def shown_topics(self, skill: Skill) -> str:
        return ", ".join(category.name for category in skill.topics.all())


class AgentSkillInline(TabularInline):
    model = AgentSkill
    extra = 0


class AbsenceInline(TabularInline):
    model = Absence
    fk_name = "agent"
    extra = 0
    autocomplete_fields = ("stand_in",)


@admin.register(AgentProfile)
class AgentProfileAdmin(ModelAdmin):
    form = AgentForm
    list_display = ("name", "user", "presence", "capacity", "shown_skills", "shown_languages")
    formfield_overrides = TO_TICK
    search_fields = ("name", "user__username")
    inlines = (AgentSkillInline, AbsenceInline)
    autocomplete_fields = ("user",)
    fieldsets = (
        (None, {"fields": ("user", "name", "languages", "capacity", "presence")}),
        (_("At work"), {"fields": ("hours", "zone")}),
        (_("Wishes"), {"fields": ("preferences",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AgentProfile]:
        found: QuerySet[AgentProfile] = super().get_queryset(request)
        return found.select_related("user").prefetch_related("agentskill_set__skill")

    @admin.display(description=_("skills"))
    def shown_skills(self, agent: AgentProfile) -> str:
        return ", ".join(f"{one.skill.name} {one.level}" for one in agent.agentskill_set.all())

    @admin.display(description=_("languages"))
    def shown_languages(self, agent: AgentProfile) -> str:
        return ", ".join(agent.languages)
