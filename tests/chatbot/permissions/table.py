"""What each may do, by address and method. What is not in here does not exist, or fails a test."""

from tests.chatbot.permissions.roles import (
    AGENT,
    ROLES,
    STAFF,
    SUPERUSER,
    SUPERVISOR,
    VISITOR,
)

EVERYBODY = frozenset(ROLES)
AGENTS = frozenset({AGENT, SUPERVISOR})
SUPERVISORS = frozenset({SUPERVISOR})
VISITORS = frozenset({VISITOR})
USERS = frozenset({AGENT, SUPERVISOR, SUPERUSER, STAFF})
OFFICE = frozenset({SUPERUSER, STAFF})
SUPERUSERS = frozenset({SUPERUSER})

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def anyhow(roles: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return what Django's and the theme's own pages say, which take any method for a GET."""
    return dict.fromkeys(METHODS, roles)


# The superuser of the demo and the staff have no agent profile, so the inbox is not theirs.
INBOX = "api/v1/inbox/"
ONE = "api/v1/inbox/conversations/<int:pk>"
WIDGET = "api/v1/widget/"

DOORS: dict[str, dict[str, frozenset[str]]] = {
    # Pages of the inbox
    "inbox/": {"GET": AGENTS},
    "inbox/c/<int:conversation>/": {"GET": AGENTS},
    "inbox/team/": {"GET": SUPERVISORS},
    # Who is logged in is sent on, whatever they ask.
    "inbox/login/": anyhow(USERS) | dict.fromkeys(("GET", "POST", "PUT"), EVERYBODY),
    # Calls of the inbox
    f"{INBOX}me": {"GET": AGENTS, "PATCH": AGENTS},
    f"{INBOX}me/preferences": {"GET": AGENTS, "PATCH": AGENTS},
    f"{INBOX}team": {"GET": SUPERVISORS},
    f"{INBOX}team/<int:user>": {"PATCH": SUPERVISORS},
    f"{INBOX}agents": {"GET": AGENTS},
    f"{INBOX}topics": {"GET": AGENTS},
    f"{INBOX}attachments": {"POST": AGENTS},
    f"{INBOX}attachments/<int:pk>": {"GET": AGENTS, "DELETE": AGENTS},
    f"{INBOX}messages/<int:pk>": {"GET": AGENTS},
    f"{INBOX}messages/<int:pk>/resend": {"POST": AGENTS},
    f"{INBOX}contacts/<int:pk>/merge": {"POST": AGENTS},
    f"{INBOX}merges/<int:pk>/undo": {"POST": AGENTS},
    f"{INBOX}conversations": {"GET": AGENTS},
    ONE: {"GET": AGENTS},
    f"{ONE}/messages": {"GET": AGENTS},
    f"{ONE}/similar": {"GET": AGENTS},
    f"{ONE}/reply": {"POST": AGENTS},
    f"{ONE}/note": {"POST": AGENTS},
    f"{ONE}/classify": {"POST": AGENTS},
    f"{ONE}/take": {"POST": AGENTS},
    f"{ONE}/give": {"POST": AGENTS},
    f"{ONE}/pass-on": {"POST": AGENTS},
    f"{ONE}/resolve": {"POST": AGENTS},
    f"{ONE}/hand-back": {"POST": AGENTS},
    f"{INBOX}choices": {"GET": AGENTS},
    f"{INBOX}views": {"GET": AGENTS, "POST": AGENTS},  # shared ones: supervisors, see its tests
    f"{INBOX}views/<int:pk>": {"PATCH": AGENTS, "DELETE": AGENTS},
    f"{INBOX}labels": {"GET": AGENTS, "POST": AGENTS},
    f"{INBOX}deeds": {"GET": AGENTS, "POST": AGENTS},
    f"{INBOX}deeds/<int:pk>/undo": {"POST": AGENTS},
    f"{ONE}/snooze": {"GET": AGENTS},
    f"{ONE}/wake": {"POST": AGENTS},
    f"{ONE}/link": {"POST": AGENTS},
    f"{ONE}/take-apart": {"POST": AGENTS},
    f"{ONE}/unblock": {"POST": AGENTS},
    f"{INBOX}drafts": {"GET": AGENTS},
    f"{ONE}/drafts": {"GET": AGENTS},
    f"{ONE}/drafts/<slug:kind>": {"PUT": AGENTS},
    f"{INBOX}replies": {"GET": AGENTS, "POST": AGENTS},
    f"{INBOX}replies/<int:pk>": {"PUT": AGENTS, "DELETE": SUPERVISORS},  # of one that all share
    f"{ONE}/replies/<int:reply>": {"POST": AGENTS},
    f"{INBOX}macros": {"GET": AGENTS, "POST": AGENTS},
    f"{INBOX}macros/<int:pk>": {"PUT": AGENTS, "DELETE": SUPERVISORS},  # likewise
    f"{ONE}/macros/<int:macro>": {"POST": AGENTS},
    f"{ONE}/suggestion": {"GET": AGENTS},
    f"{INBOX}suggestions/<int:pk>/discard": {"POST": AGENTS},
    f"{ONE}/summary": {"GET": AGENTS},
    f"{ONE}/translate": {"POST": AGENTS},
    f"{INBOX}messages/<int:pk>/translate": {"POST": AGENTS},
    # Calls of the widget; a visitor has only what is theirs, see test_matrix.py
    f"{WIDGET}site": {"GET": EVERYBODY},
    f"{WIDGET}session": {"POST": EVERYBODY},
    f"{WIDGET}messages": {"GET": VISITORS, "POST": VISITORS},
    f"{WIDGET}attachments": {"POST": VISITORS},
    f"{WIDGET}attachments/<int:pk>": {"GET": VISITORS, "DELETE": VISITORS},
    f"{WIDGET}seen": {"POST": VISITORS},
    f"{WIDGET}rating": {"POST": VISITORS},
    f"{WIDGET}contact": {"POST": VISITORS},
    # For everybody who has the address: signed tokens in mails, the schema, texts of the pages
    "api/v1/schema": {"GET": EVERYBODY},
    "^api/v1/": {},
    "jsi18n/": {"GET": EVERYBODY},
    "back/<str:token>/": {"GET": EVERYBODY},
    "rate/<str:token>/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "account/password/done/": anyhow(EVERYBODY),
    "account/password/<str:uidb64>/<str:token>/": anyhow(EVERYBODY),
    # Connecting Slack: staff who may change channels
    "channels/slack/<slug:key>/manifest/": {"GET": SUPERUSERS},
    "channels/slack/<slug:key>/install/": {"GET": SUPERUSERS},
    "channels/slack/installed/": {"GET": OFFICE},  # what it does is signed, and asks for the right
    # Knowledge at work
    "admin/insights/": {"GET": SUPERUSERS},
    "admin/insights/article/<int:conversation>/": {"POST": SUPERUSERS},
    "admin/insights/duplicates/": {"GET": SUPERUSERS},
    "admin/insights/competence/": {"GET": SUPERUSERS},
    "admin/insights/suggestions/": {"GET": SUPERUSERS},
    **{
        f"admin/insights/{page}/": {"GET": SUPERUSERS, "POST": SUPERUSERS}
        for page in (
            "test",
            "reliability",
            "review",
            "gaps",
            "problems",
            "tickets",
            "tickets/check",
        )
    },
    # The admin's own pages
    "admin/": anyhow(OFFICE),
    "admin/login/": dict.fromkeys(("GET", "POST", "PUT"), EVERYBODY),
    "admin/search/": anyhow(OFFICE),  # of what one may see, see test_matrix.py
    "admin/password_change/": dict.fromkeys(("GET", "POST", "PUT"), OFFICE),
    "admin/password_change/done/": {"GET": OFFICE},
    "admin/jsi18n/": {"GET": OFFICE},
    "admin/autocomplete/": {},  # for fields of forms, whose right it asks for
    "admin/r/<path:content_type_id>/<path:object_id>/": anyhow(OFFICE),  # nothing has a page
    "admin/auth/user/<id>/password/": anyhow(SUPERUSERS),
}
# To leave is everybody's right.
LOGOUTS = frozenset({"inbox/logout/", "admin/logout/", "account/logout/"})

# Whose lists, forms, histories and deletions only staff with the right for them see.
MODELS = (
    "actions/actionrun",
    "actions/errand",
    "auth/group",
    "auth/user",
    "axes/accessattempt",
    "axes/accessfailurelog",
    "axes/accesslog",
    "conversations/channel",
    "conversations/contactmerge",
    "conversations/conversation",
    "conversations/delivery",
    "conversations/label",
    "conversations/rating",
    "conversations/receivedevent",
    "conversations/recommendation",
    "knowledge/action",
    "knowledge/article",
    "knowledge/category",
    "knowledge/indexrun",
    "knowledge/source",
    "routing/agentprofile",
    "routing/assignment",
    "routing/block",
    "routing/expertise",
    "routing/outcome",
    "routing/routingrule",
    "routing/routingsettings",
    "routing/servicelevel",
    "routing/skill",
    "routing/strategyweights",
    "systems/account",
    "systems/case",
    "systems/return",
    "systems/shoporder",
    "systems/shopproduct",
)
PAGES = (
    "",
    "add/",
    *(f"<path:object_id>/{page}" for page in ("", "history/", "delete/", "change/")),
)
MORE = (
    "knowledge/action/<path:object_id>/test_it/",
    "knowledge/article/<path:object_id>/test_it/",
    "knowledge/indexrun/rebuild/",
    "knowledge/source/<path:object_id>/read_now/",
    "routing/outcome/import_tickets/",
    "systems/account/import/",
    "systems/account/import_csv/",
    "systems/return/<path:object_id>/label/",
    "systems/shoporder/import/",
    "systems/shoporder/import_csv/",
    "systems/shopproduct/import/",
    "systems/shopproduct/import_csv/",
)
ADMIN = frozenset({f"admin/{model}/{page}" for model in MODELS for page in PAGES}) | {
    f"admin/{page}" for page in MORE
}

# Only where somebody tries Svar out: no customers are there, and the mails are those of the demo.
DEMO = frozenset(
    {
        "",
        "shop/<slug:slug>/",
        "account/",
        "mail/",
        "mail/<str:file>/<int:index>/<int:number>/",
    }
)

# What an open inbox may say, with something that fits.
INBOX_EVENTS = {
    "view": {"type": "view", "conversation": None},
    "presence": {"type": "presence", "presence": "away"},
    "ping": {"type": "ping"},
}

# What services call: nobody is logged in there, each request has to prove itself. The website's
# visitors have tokens of their own instead.
HOOKS = frozenset({"email", "http", "slack", "telegram"})
NO_HOOKS = frozenset({"website"})

# What an open chat may say: `{theirs}` stands for another visitor's message or file.
VISITOR_EVENTS: dict[str, dict[str, object]] = {
    "sync": {"after": "{theirs}"},
    "message.send": {"client_id": "mine", "text": "x", "attachments": ["{theirs}"]},
    "human.request": {"client_id": "mine", "text": "x", "attachments": ["{theirs}"]},
    "typing": {},
    "seen": {"message_id": "{theirs}"},
    "contact.update": {"name": "Eve"},
    "identify": {"identity": {"user_id": "anna", "hash": "0" * 64}},
    "ping": {},
}
# What an open chat may be told, and nothing else.
TOLD_VISITORS = frozenset(
    [
        "ready",
        "history",
        "ack",
        "message",
        "typing",
        "draft",
        "conversation",
        "contact",
        "identified",
        "pong",
        "error",
    ]
)

# What only supervisors may do, beside what is theirs alone in DOORS: how it is asked for, what an
# agent is told, and what comes of it for a supervisor.
Rank = tuple[str, str, dict[str, object], int, int]
RANKS: dict[str, Rank] = {
    "share a view": ("POST", "views", {"name": "x", "filters": {}, "shared": True}, 403, 201),
    "rename a shared view": ("PATCH", "views/{view}", {"name": "y"}, 403, 200),
    "change a shared view": ("PATCH", "views/{view}", {"filters": {"vip": True}}, 403, 200),
    "move a shared view": ("PATCH", "views/{view}", {"position": 3}, 403, 200),
    "remove a shared view": ("DELETE", "views/{view}", {}, 403, 204),
    "share a text": (
        "POST",
        "replies",
        {"shortcut": "rank2", "title": "x", "texts": {"en": "x"}, "shared": True},
        403,
        201,
    ),
    "share one's own text": (
        "PUT",
        "replies/{own_reply}",
        {"shortcut": "rank3", "title": "x", "texts": {"en": "x"}, "shared": True},
        403,
        200,
    ),
    "change a shared text": (
        "PUT",
        "replies/{reply}",
        {"shortcut": "rank", "title": "y", "texts": {"en": "y"}, "shared": True},
        403,
        200,
    ),
    "make a shared text one's own": (
        "PUT",
        "replies/{reply}",
        {"shortcut": "rank", "title": "y", "texts": {"en": "y"}, "shared": False},
        403,
        200,
    ),
    "remove a shared text": ("DELETE", "replies/{reply}", {}, 403, 204),
    "share a macro": (
        "POST",
        "macros",
        {"name": "x", "steps": [{"do": "resolve"}], "shared": True},
        403,
        201,
    ),
    "share one's own macro": (
        "PUT",
        "macros/{own_macro}",
        {"name": "x", "steps": [{"do": "resolve"}], "shared": True},
        403,
        200,
    ),
    "change a shared macro": (
        "PUT",
        "macros/{macro}",
        {"name": "y", "steps": [{"do": "resolve"}], "shared": True},
        403,
        200,
    ),
    "make a shared macro one's own": (
        "PUT",
        "macros/{macro}",
        {"name": "y", "steps": [{"do": "resolve"}], "shared": False},
        403,
        200,
    ),
    "remove a shared macro": ("DELETE", "macros/{macro}", {}, 403, 204),
    "see the team": ("GET", "team", {}, 404, 200),
    "change a colleague's capacity": ("PATCH", "team/{colleague}", {"capacity": 9}, 404, 200),
    "send a colleague away": ("PATCH", "team/{colleague}", {"presence": "away"}, 404, 200),
    "give several to a colleague": (
        "POST",
        "deeds",
        {"deed": "give", "ids": ["{queued}"], "values": {"agent": "{colleague}"}},
        403,
        200,
    ),
    "resolve what a colleague has": ("POST", "conversations/{theirs}/resolve", {}, 409, 200),
    "hand a colleague's back": ("POST", "conversations/{theirs}/hand-back", {}, 409, 200),
    "wake a colleague's": ("POST", "conversations/{theirs}/wake", {}, 409, 200),
}
# Likewise, but each conversation is answered for by itself: what to do with a colleague's.
DEEDS_ABOVE: dict[str, dict[str, object]] = {
    "resolve": {},
    "snooze": {"until": "2099"},
    "give": {"agent": "{self}"},
    "queue": {},
    "hand_back": {},
    "merge": {"other": "{queued}"},
}
# What any agent does, also with what a colleague has.
DEEDS_OF_ALL = frozenset({"label", "priority", "topic", "block"})
