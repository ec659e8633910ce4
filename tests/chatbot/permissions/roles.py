"""Everybody who may knock at a door of Svar, each as an HTTP client of their own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx

from tests.world import PASSWORD, Agent, Server, Visitor

# Agents without more rights, a supervisor, and three who are staff: the superuser, one without a
# right, one with the right to look at knowledge; and who worked here until a moment ago.
NOBODY, VISITOR, AGENT, SUPERVISOR = "nobody", "visitor", "agent", "supervisor"
SUPERUSER, STAFF = "superuser", "staff"
DEACTIVATED, LOGGED_OUT = "deactivated", "logged out"
ROLES = (NOBODY, VISITOR, AGENT, SUPERVISOR, SUPERUSER, STAFF, DEACTIVATED, LOGGED_OUT)

# Longer than a writer waits for another one at the database: what is refused then says why.
PATIENCE = httpx.Timeout(90)


@contextmanager
def everybody(server: Server) -> Iterator[dict[str, httpx.Client]]:
    """Make all of them, and take them away again."""
    from django.contrib.auth.models import Permission, User

    from chatbot.routing.models import AgentProfile

    made = [
        User.objects.create_user(f"matrix-{name}", password=PASSWORD, is_staff=name == "staff")
        for name in ("agent", "supervisor", "staff", "deactivated", "leaving")
    ]
    for user in made:
        if not user.is_staff:
            AgentProfile.objects.create(user=user, name=user.username, presence="away")
    made[1].user_permissions.add(Permission.objects.get(codename="supervise"))
    with ExitStack() as stack:

        def client(username: str) -> httpx.Client:
            someone = Agent(server, username)
            stack.callback(someone.close)
            someone.http.timeout = PATIENCE
            return someone.http

        visitor = Visitor(server)
        stack.callback(visitor.close)
        visitor.http.timeout = PATIENCE
        found = {
            NOBODY: stack.enter_context(httpx.Client(base_url=server.url, timeout=PATIENCE)),
            VISITOR: visitor.http,
            AGENT: client("matrix-agent"),
            SUPERVISOR: client("matrix-supervisor"),
            SUPERUSER: client("admin"),
            STAFF: client("matrix-staff"),
            DEACTIVATED: client("matrix-deactivated"),
            LOGGED_OUT: client("matrix-leaving"),
        }
        User.objects.filter(username="matrix-deactivated").update(is_active=False)
        session = found[LOGGED_OUT].cookies["sessionid"]
        found[LOGGED_OUT].post("/inbox/logout/", headers={"Referer": server.url})
        found[LOGGED_OUT].cookies.set("sessionid", session)  # somebody has kept it
        try:
            yield found
        finally:
            User.objects.filter(username__startswith="matrix-").delete()
