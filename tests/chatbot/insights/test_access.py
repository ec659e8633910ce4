"""Who may see the pages, and what others find."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.world import PASSWORD, Agent, Server

PAGES = ["", "test/", "reliability/", "review/", "gaps/", "duplicates/"]


@pytest.fixture
def staff(server: Server, rows: None) -> Iterator[Agent]:
    """Somebody of the staff whom nobody gave any permission."""
    from django.contrib.auth.models import User

    user = User.objects.create_user("sten", password=PASSWORD, is_staff=True)
    staff = Agent(server, "sten")
    yield staff
    staff.close()
    user.delete()


def permit(username: str, *names: str) -> None:
    """Give somebody permissions on knowledge."""
    from django.contrib.auth.models import Permission, User

    found = Permission.objects.filter(content_type__app_label="knowledge", codename__in=names)
    User.objects.get(username=username).user_permissions.set(found)


@pytest.mark.parametrize("name", PAGES)
def test_strangers_are_asked_to_log_in_and_agents_find_nothing(
    server: Server, agent: Callable[..., Agent], name: str
) -> None:
    path = f"/admin/insights/{name}"
    answer = httpx.get(f"{server.url}{path}")
    assert answer.status_code == 302
    assert "/login/" in answer.headers["location"]
    mette = agent("mette").http
    assert mette.get(path).status_code in (302, 404)
    assert mette.post(path, headers={"Referer": server.url}).status_code in (302, 404)


@pytest.mark.parametrize("name", PAGES)
def test_staff_without_permission_on_knowledge_find_nothing(staff: Agent, name: str) -> None:
    path = f"/admin/insights/{name}"
    assert staff.http.get(path).status_code == 404
    assert staff.http.post(path, headers={"Referer": staff.server.url}).status_code == 404
    assert "/admin/insights/" not in staff.http.get("/admin/").text


def test_who_may_only_look_changes_nothing(staff: Agent) -> None:
    permit("sten", "view_article")
    headers = {"Referer": staff.server.url}
    for page in ("test/", "reliability/", "gaps/", "duplicates/"):
        assert staff.http.get(f"/admin/insights/{page}").status_code == 200
    assert staff.http.get("/admin/insights/review/").status_code == 404
    for page in ("reliability/", "gaps/", "review/"):
        answer = staff.http.post(
            f"/admin/insights/{page}",
            data={"model": "shipped", "do": "dismiss", "ids": "1"},
            headers=headers,
        )
        assert answer.status_code == 404
    permit("sten", "change_article")
    assert staff.http.get("/admin/insights/review/").status_code == 200
    drafting = {"do": "draft", "ids": "1"}
    answer = staff.http.post("/admin/insights/gaps/", data=drafting, headers=headers)
    assert answer.status_code == 404  # it would add an article


def test_a_form_without_its_token_is_refused(admin: Agent) -> None:
    del admin.http.headers["X-CSRFToken"]
    assert admin.http.post("/admin/insights/review/", data={}).status_code == 403
