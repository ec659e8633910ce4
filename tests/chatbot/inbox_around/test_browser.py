"""The bar that does everything, the settings, what calls, and the team page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browsing import picture, violations
from tests.chatbot.inbox_channels.conftest import PHONE
from tests.world import Agent, Visitor, wait_for

OpenPage = Callable[..., Page]
pytestmark = pytest.mark.browser

# What the computer would do: the tests see it in `window.called`.
COMPUTER = """
window.called = [];
window.Notification = class extends EventTarget {
  static permission = "default";
  static asked = 0;
  static async requestPermission() { this.asked += 1; return (this.permission = "granted"); }
  constructor(title, options) { super(); window.called.push([title, options.body ?? ""]); }
  close() {}
};
window.AudioContext = class {
  constructor() { window.called.push("a sound"); throw new Error("no device"); }
};
"""


def test_everything_is_done_from_one_bar(
    open_page: OpenPage, visitor: Callable[..., Visitor]
) -> None:
    anna = visitor()
    anna.open()
    anna.http.post("/api/v1/widget/contact", json={"name": "Anna Bergström"})
    inbox = open_page("/inbox/", username="mette")
    bar = inbox.get_by_role("dialog", name="Find or do")
    field = inbox.get_by_role("combobox", name="What to find or do")
    options = bar.get_by_role("option")
    inbox.keyboard.press("Control+k")
    expect(field).to_be_focused()
    # Nothing is open: what needs a conversation is not offered.
    expect(bar.get_by_role("option", name="Next conversation")).to_be_visible()
    expect(bar.get_by_role("option", name="Write a reply")).to_have_count(0)
    field.fill("dark")
    expect(options.first).to_contain_text("Dark theme")
    inbox.keyboard.press("Enter")
    expect(inbox.locator("html")).to_have_attribute("data-theme", "dark")
    anna.ask("I want to talk to a person")
    expect(inbox.locator("#rows")).to_contain_text("Anna Bergström")
    inbox.keyboard.press("Control+k")
    expect(options.first).to_contain_text("Dark theme")  # used before the others
    field.fill("bergstrom")
    expect(options.first).to_contain_text("Anna Bergström")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    inbox.keyboard.press("Enter")
    expect(inbox.locator("#contact-name")).to_have_text("Anna Bergström")
    inbox.keyboard.press("Control+k")
    field.fill("note")
    inbox.keyboard.press("ArrowDown")
    inbox.keyboard.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(options.first.locator("kbd")).to_have_text("N")
    for scheme in ("light", "dark"):
        inbox.locator("html").evaluate("(html, theme) => html.dataset.theme = theme", scheme)
        assert violations(inbox) is None
        picture(inbox, f"around-bar-{scheme}")
    inbox.keyboard.press("Enter")
    expect(inbox.locator("#composer-text")).to_be_focused()
    inbox.keyboard.press("Escape")
    inbox.keyboard.press("?")
    expect(inbox.locator("#help")).to_contain_text("Do anything, go anywhere")


# Presses keys faster than the page is drawn, where the focus is at that moment.
AT_ONCE = """(keys) => keys.map((key) => {
    const pressed = { key, ctrlKey: key === "k", bubbles: true, cancelable: true };
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", pressed));
    return document.querySelector("#bar").open;
})"""


def test_a_key_right_behind_what_closed_the_bar_is_taken(open_page: OpenPage) -> None:
    inbox = open_page("/inbox/", username="mette")
    field, html = inbox.locator("#bar-input"), inbox.locator("html")
    inbox.keyboard.press("Control+k")
    field.fill("dark")
    assert inbox.evaluate(AT_ONCE, ["Enter", "k"]) == [False, True]
    expect(html).to_have_attribute("data-theme", "dark")
    expect(field).to_be_focused()
    field.fill("keys")
    assert inbox.evaluate(AT_ONCE, ["k", "?"]) == [False, False]
    expect(inbox.locator("#help")).to_be_visible()


def mine(answer: Any) -> Any:
    """Return Jonas among the agents."""
    return next(one for one in answer["agents"] if one["name"] == "Jonas")


def test_the_newest_choice_holds_while_an_older_one_is_kept(open_page: OpenPage) -> None:
    page = open_page("/inbox/", username="jonas")
    expect(page.locator("#count-all")).not_to_be_empty()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/inbox/me/preferences", hold)
    page.keyboard.press("Control+k")
    page.locator("#bar-input").fill("dark")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press(",")
    dialog = page.get_by_role("dialog", name="Settings")
    expect(dialog.get_by_label("Dark")).to_be_checked()
    dialog.get_by_label("As the computer").check()
    wait_for(lambda: len(held) == 2 or page.wait_for_timeout(20))
    with page.expect_response("**/api/v1/inbox/me/preferences"):
        held[0].continue_()
    expect(dialog.get_by_role("status")).to_have_text("Saved")
    expect(dialog.get_by_label("As the computer")).to_be_checked()
    expect(page.locator("html")).to_have_attribute("data-theme", "system")
    with page.expect_response("**/api/v1/inbox/me/preferences"):
        held[1].continue_()
    page.unroute("**/api/v1/inbox/me/preferences")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "system")


def test_the_settings_are_kept_and_decide_what_calls(
    open_page: OpenPage, visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    jonas = open_page("/inbox/", username="jonas")
    jonas.context.add_init_script(COMPUTER)
    jonas.reload()
    expect(jonas.locator("#count-all")).not_to_be_empty()
    jonas.keyboard.press(",")
    dialog = jonas.get_by_role("dialog", name="Settings")
    assert jonas.evaluate("Notification.asked") == 0
    dialog.get_by_label("By notifications of the browser").check()
    expect(dialog.get_by_role("status")).to_have_text("Saved")
    assert jonas.evaluate("Notification.asked") == 1
    dialog.get_by_label("Dark").check()
    expect(dialog.get_by_role("status")).to_have_text("Saved")
    for scheme in ("light", "dark"):
        jonas.locator("html").evaluate("(html, theme) => html.dataset.theme = theme", scheme)
        assert violations(jonas) is None
        picture(jonas, f"around-settings-{scheme}")
    dialog.get_by_label("Language").select_option("da")
    expect(jonas.get_by_role("heading", name="Indbakke")).to_be_attached()
    assert jonas.locator("html").get_attribute("data-theme") == "dark", "before any script ran"
    expect(jonas.locator("#count-all")).not_to_be_empty()
    # Two tabs: what comes calls in one of them, and does not say what was written.
    second = jonas.context.new_page()
    second.goto("/inbox/")
    expect(second.locator("#count-all")).not_to_be_empty()
    second.evaluate("Notification.permission = 'granted'")
    jonas.evaluate("Notification.permission = 'granted'")
    anna, mette = visitor(), agent("mette")
    jonas.locator("input[name=presence][value=away]").check()  # so that it waits
    expect(jonas.locator("#connection")).to_have_attribute("data-state", "open")
    wait_for(lambda: mine(mette.get("agents"))["presence"] == "away")
    anna.ask("I want to talk to a person")
    from chatbot.conversations.models import Message
    from chatbot.routing.models import AgentProfile

    row = Message.objects.filter(author="contact").latest("pk").conversation_id
    me = AgentProfile.objects.get(name="Jonas").user_id

    def heard() -> list[object]:
        return [*jonas.evaluate("window.called"), *second.evaluate("window.called")]

    wait_for(lambda: len(heard()) >= 2)  # of the queue
    mette.post(f"conversations/{row}/give", agent=mette.get("me")["id"])
    for tab in (jonas, second):
        tab.evaluate("window.called = []")
    mette.post(f"conversations/{row}/give", agent=me)
    wait_for(lambda: len(heard()) >= 2)
    second.wait_for_timeout(600)  # nothing tells that no second call comes
    assert [one for one in heard() if one == "a sound"] == ["a sound"]
    (shown,) = [one for one in heard() if isinstance(one, list)]
    assert shown[1] == "", "what the customer wrote stays in the page"
    jonas.locator("input[name=presence][value=online]").check()
    wait_for(lambda: mine(mette.get("agents"))["presence"] == "online")


def test_a_supervisor_sees_the_team_and_steps_in(
    open_page: OpenPage, visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    freja = agent("freja")
    told = freja.open()
    anna = visitor()
    anna.ask("I want to talk to a person")
    from chatbot.conversations.models import Message

    row = Message.objects.filter(author="contact").latest("pk").conversation_id
    freja.post(f"conversations/{row}/give", agent=freja.get("me")["id"])
    page = open_page("/inbox/", username="mette")
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile(r"/inbox/team/$"))
    expect(page.get_by_role("heading", name="Team", exact=True)).to_be_focused()
    hers = page.get_by_role("row").filter(has_text="Freja")
    expect(hers).to_contain_text("Online since")
    told.send({"type": "view", "conversation": row})  # seen at once, over the socket
    expect(hers.get_by_role("cell").nth(1).get_by_role("button")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
        assert violations(page) is None
        picture(page, f"around-team-{scheme}")
    hers.get_by_role("button", name="Change Freja").click()
    dialog = page.get_by_role("dialog", name="Freja")
    dialog.get_by_label("Away").check()
    dialog.get_by_label("Conversations at once, at most").fill("2")
    dialog.get_by_role("button", name="Save").click()
    expect(hers).to_contain_text("Away")
    expect(hers).to_contain_text("Changed by Mette at")
    event = told.next("stepped_in")
    assert (event["by"], event["presence"], event["capacity"]) == ("Mette", "away", 2)
    page.set_viewport_size(PHONE)
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
    picture(page, "around-team-phone")
    hers.get_by_role("cell").nth(1).get_by_role("button").click()
    page.get_by_role("button", name="Take it").click()
    expect(page.locator("#status-line")).to_contain_text("You have this")
    expect(page).to_have_url(re.compile(rf"/inbox/c/{row}/$"))
