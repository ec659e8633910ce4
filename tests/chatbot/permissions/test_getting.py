"""Nothing changes by opening an address: what does something takes a form with a token."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from unfold.admin import ModelAdmin

from tests.browsing import enter
from tests.chatbot.permissions.test_matrix import addresses, filled
from tests.world import Agent, Server, wait_for

# What the theme's buttons are for: those that do something ask first, the others lead somewhere.
DO = {"knowledge_source_read_now": "source is being read", "knowledge_indexrun_rebuild": "rebuilt"}
SHOW = {
    "knowledge_action_test_it",
    "knowledge_article_test_it",
    "routing_outcome_import_tickets",
    "systems_account_import_csv",
    "systems_return_label",
    "systems_shoporder_import_csv",
    "systems_shopproduct_import_csv",
}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def buttons() -> dict[str, Any]:
    """Return the admin of every button on lists, on rows and on forms, by the button's name."""
    return {
        action.action_name: one
        for one in admin.site._registry.values()
        if isinstance(one, ModelAdmin)
        for place in ("list", "detail", "row")
        for action in getattr(one, f"_get_base_actions_{place}")()
    }


# Who is logged in, and what a channel that listens notes of itself all the time.
NOTED = {"sessions.Session", "conversations.ChannelHealth"}


def rows() -> dict[str, int]:
    """Return in short what stands in each table, but for what is noted anyway."""
    return {
        model._meta.label: hash(str(sorted(map(str, model._base_manager.values_list()))))
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy and model._meta.label not in NOTED
    }


def at_rest() -> dict[str, int]:
    """Return what stands in each table once nothing is under way."""
    moved: list[str] = []

    def twice_the_same() -> dict[str, int] | None:
        before = rows()
        time.sleep(0.3)
        moved[:] = changed(before)
        return None if moved else before

    found: dict[str, int] = wait_for(twice_the_same, why=lambda: str(moved))
    return found


def changed(before: dict[str, int]) -> list[str]:
    return [name for name, content in rows().items() if before[name] != content]


@pytest.fixture
def boss(server: Server) -> Iterator[Agent]:
    one = Agent(server, "admin")
    one.http.headers["Referer"] = server.url
    yield one
    one.close()


@pytest.fixture
def address(server: Server) -> Iterator[Callable[[str], str]]:
    """The address of a button: of a row that is there."""
    from chatbot.systems.models import Return
    from knowledge.models import Category, Source

    made = (
        Source.objects.create(
            name="Matrix",
            kind=Source.Kind.URL,
            url="http://127.0.0.1:9/",
            category=Category.objects.all()[0],
            state=Source.State.FAILED,
            indexed_at=timezone.now(),
        ),
        Return.objects.create(number="R-MATRIX", key="R-MATRIX", order_number="1"),
    )

    def of(name: str) -> str:
        one = buttons()[name]
        if name in {action.action_name for action in one._get_base_actions_list()}:
            return reverse(f"admin:{name}")
        row = next((row for row in made if type(row) is one.model), None)
        row = row or one.get_queryset(None).first()
        assert row is not None, f"make a {one.model} here"
        return reverse(f"admin:{name}", args=(row.pk,))

    yield of
    for row in made:
        row.delete()


def test_what_each_button_does_is_known() -> None:
    assert set(buttons()) == {*DO, *SHOW}, "say above whether these change something"


@pytest.mark.parametrize("name", sorted(buttons()))
def test_a_button_alone_does_nothing(boss: Agent, address: Callable[[str], str], name: str) -> None:
    url = address(name)
    before = at_rest()
    answers = [boss.http.request(method, url) for method in ("GET", "HEAD")]
    without = boss.http.headers.pop("X-CSRFToken")
    answers += [boss.http.request(method, url) for method in ("POST", "PUT", "PATCH", "DELETE")]
    assert changed(before) == []
    assert [answer.status_code for answer in answers[2:]] == [403] * 4
    if name in DO:
        assert answers[0].status_code == 200
        assert 'method="post"' in answers[0].text
        # Nor where somebody has the token, but was not asked.
        answer = boss.http.post(url, headers={"X-CSRFToken": without})
        assert answer.status_code == 200
        assert 'method="post"' in answer.text
    else:
        assert answers[0].status_code in (200, 302)
    assert changed(before) == []


@pytest.mark.parametrize("name", sorted(DO))
def test_who_confirms_has_it_done(boss: Agent, address: Callable[[str], str], name: str) -> None:
    from knowledge.models import IndexRun, Source

    url = address(name)
    before = at_rest()
    token = TOKEN.search(boss.http.get(url).text)
    assert token is not None
    form = {"csrfmiddlewaretoken": token[1], "_form_submitted": "True"}
    assert changed(before) == []
    answer = boss.http.post(url, data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert DO[name] in answer.text
    assert changed(before) != []
    # Those who come next find nothing under way.
    building = IndexRun.objects.filter(status__in=("requested", "building"))
    reading = Source.objects.filter(name="Matrix", state__in=("waiting", "reading"))
    wait_for(lambda: not building.exists() and not reading.exists(), seconds=90)


@pytest.mark.browser
def test_the_button_asks_in_place_and_tells_what_it_did(
    server: Server, browser: Browser, address: Callable[[str], str]
) -> None:
    url = address("knowledge_source_read_now").replace("read_now", "change")
    context = browser.new_context(base_url=server.url, locale="en-GB")
    enter(context, server, "admin")
    page = context.new_page()
    page.goto(url)
    page.get_by_role("link", name="Read again now").click()
    expect(page.get_by_text("What it said before answers until it is read.")).to_be_visible()
    expect(page).to_have_url(f"{server.url}{url}")
    page.get_by_role("button", name="Read again now").click()
    expect(page.get_by_text("1 source is being read.")).to_be_visible()
    expect(page).to_have_url(f"{server.url}{url}")
    context.close()


def test_opening_any_address_changes_nothing(server: Server, boss: Agent, visitor: Any) -> None:
    from chatbot.conversations.models import Message

    anna = visitor()
    anna.ask("I want to talk to a person")
    conversation = Message.objects.latest("pk").conversation
    things = {
        "conversations": conversation.pk,
        "conversation": conversation.pk,
        "messages": conversation.messages.earliest("pk").pk,
    }
    jonas = Agent(server, "jonas")

    def open_it(pattern: str) -> None:
        found = re.match(r"admin/(\w+)/(\w+)/<path:object_id>", pattern)
        if found:
            row = apps.get_model(*found.groups())._default_manager.first()
            pattern = pattern.replace("<path:object_id>", str(row.pk if row else 1))
        url = "/" + filled(pattern, things)
        for http in (boss.http,) if url.startswith("/admin/") else (jonas.http, anna.http):
            assert http.get(url).status_code < 500, url

    there = [one for one in addresses() if not one.startswith("^") and "logout" not in one]
    before = at_rest()
    for pattern in there:
        open_it(pattern)
    if changed(before):  # then say which
        wrong = []
        for pattern in there:
            before = rows()
            open_it(pattern)
            wrong += [f"{pattern}: {one}" for one in changed(before)]
        raise AssertionError("\n".join(wrong))
    jonas.close()
