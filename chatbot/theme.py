"""How Django admin looks, and what its sidebar offers (django-unfold)."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": "Svar",
    "SITE_HEADER": "Svar",
    "SITE_SYMBOL": "forum",
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        # The house's teal (#0f766e at 700), so that admin, inbox and widget look related.
        "primary": {
            "50": "#f0fdfa",
            "100": "#ccfbf1",
            "200": "#99f6e4",
            "300": "#5eead4",
            "400": "#2dd4bf",
            "500": "#14b8a6",
            "600": "#0f766e",
            "700": "#0f766e",
            "800": "#115e59",
            "900": "#134e4a",
            "950": "#042f2e",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "title": _("Knowledge"),
                "items": [
                    {
                        "title": _("Articles"),
                        "icon": "article",
                        "link": reverse_lazy("admin:knowledge_article_changelist"),
                    },
                    {
                        "title": _("Actions"),
                        "icon": "bolt",
                        "link": reverse_lazy("admin:knowledge_action_changelist"),
                    },
                    {
                        "title": _("Sources"),
                        "icon": "description",
                        "link": reverse_lazy("admin:knowledge_source_changelist"),
                    },
                    {
                        "title": _("Categories"),
                        "icon": "category",
                        "link": reverse_lazy("admin:knowledge_category_changelist"),
                    },
                    {
                        "title": _("Index runs"),
                        "icon": "database",
                        "link": reverse_lazy("admin:knowledge_indexrun_changelist"),
                    },
                ],
            },
            {
                "title": _("How sure the bot is"),
                "items": [
                    {
                        "title": _("Test box"),
                        "icon": "science",
                        "link": reverse_lazy("insights-test"),
                        "permission": "chatbot.insights.access.may_see",
                    },
                    {
                        "title": _("Reliability"),
                        "icon": "monitoring",
                        "link": reverse_lazy("insights-reliability"),
                        "permission": "chatbot.insights.access.may_see",
                    },
                    {
                        "title": _("Review"),
                        "icon": "rate_review",
                        "link": reverse_lazy("insights-review"),
                        "permission": "chatbot.insights.access.may_change",
                    },
                    {
                        "title": _("What was done"),
                        "icon": "task_alt",
                        "link": reverse_lazy("admin:actions_actionrun_changelist"),
                    },
                    {
                        "title": _("Gaps"),
                        "icon": "help_center",
                        "link": reverse_lazy("insights-gaps"),
                        "permission": "chatbot.insights.access.may_see",
                    },
                    {
                        "title": _("New kinds of problems"),
                        "icon": "new_releases",
                        "link": reverse_lazy("insights-problems"),
                        "permission": "chatbot.insights.problems_views.may_see_problems",
                        "badge": "chatbot.insights.problems_views.waiting",
                        "badge_variant": "primary",
                    },
                    {
                        "title": _("Near-duplicates"),
                        "icon": "content_copy",
                        "link": reverse_lazy("insights-duplicates"),
                        "permission": "chatbot.insights.access.may_see",
                    },
                ],
            },
            {
                "title": _("Shop"),
                "items": [
                    {
                        "title": _("Orders"),
                        "icon": "package_2",
                        "link": reverse_lazy("admin:systems_shoporder_changelist"),
                    },
                    {
                        "title": _("Returns"),
                        "icon": "assignment_return",
                        "link": reverse_lazy("admin:systems_return_changelist"),
                    },
                    {
                        "title": _("Cases"),
                        "icon": "report",
                        "link": reverse_lazy("admin:systems_case_changelist"),
                    },
                    {
                        "title": _("Products"),
                        "icon": "inventory_2",
                        "link": reverse_lazy("admin:systems_shopproduct_changelist"),
                    },
                    {
                        "title": _("Accounts"),
                        "icon": "account_circle",
                        "link": reverse_lazy("admin:systems_account_changelist"),
                    },
                ],
            },
            {
                "title": _("People"),
                "items": [
                    {
                        "title": _("Agents"),
                        "icon": "support_agent",
                        "link": reverse_lazy("admin:routing_agentprofile_changelist"),
                    },
                    {
                        "title": _("Skills"),
                        "icon": "school",
                        "link": reverse_lazy("admin:routing_skill_changelist"),
                    },
                    {
                        "title": _("Assignments"),
                        "icon": "alt_route",
                        "link": reverse_lazy("admin:routing_assignment_changelist"),
                    },
                    {
                        "title": _("Outcomes"),
                        "icon": "checklist",
                        "link": reverse_lazy("admin:routing_outcome_changelist"),
                        "permission": "chatbot.insights.routing_access.may_see_routing",
                    },
                    {
                        "title": _("Competence"),
                        "icon": "grid_view",
                        "link": reverse_lazy("insights-competence"),
                        "permission": "chatbot.insights.routing_access.may_see_routing",
                    },
                    {
                        "title": _("Suggested and actual"),
                        "icon": "compare_arrows",
                        "link": reverse_lazy("insights-suggestions"),
                        "permission": "chatbot.insights.routing_access.may_see_routing",
                    },
                    {
                        "title": _("Routing"),
                        "icon": "tune",
                        "link": reverse_lazy("admin:routing_routingsettings_changelist"),
                    },
                    {
                        "title": _("Routing rules"),
                        "icon": "rule",
                        "link": reverse_lazy("admin:routing_routingrule_changelist"),
                    },
                    {
                        "title": _("Service levels"),
                        "icon": "timer",
                        "link": reverse_lazy("admin:routing_servicelevel_changelist"),
                    },
                    {
                        "title": _("Strategies"),
                        "icon": "balance",
                        "link": reverse_lazy("admin:routing_strategyweights_changelist"),
                    },
                    {
                        "title": _("Users"),
                        "icon": "group",
                        "link": reverse_lazy("admin:auth_user_changelist"),
                    },
                ],
            },
            {
                "title": _("Conversations"),
                "items": [
                    {"title": _("Inbox"), "icon": "inbox", "link": "/inbox/"},
                    {
                        "title": _("Conversations"),
                        "icon": "forum",
                        "link": reverse_lazy("admin:conversations_conversation_changelist"),
                    },
                    {
                        "title": _("Labels"),
                        "icon": "label",
                        "link": reverse_lazy("admin:conversations_label_changelist"),
                    },
                    {
                        "title": _("Channels"),
                        "icon": "hub",
                        "link": reverse_lazy("admin:conversations_channel_changelist"),
                    },
                    {
                        "title": _("Deliveries"),
                        "icon": "send",
                        "link": reverse_lazy("admin:conversations_delivery_changelist"),
                    },
                    {
                        "title": _("Received events"),
                        "icon": "move_to_inbox",
                        "link": reverse_lazy("admin:conversations_receivedevent_changelist"),
                    },
                    {
                        "title": _("Merged contacts"),
                        "icon": "group",
                        "link": reverse_lazy("admin:conversations_contactmerge_changelist"),
                    },
                ],
            },
        ],
    },
}
