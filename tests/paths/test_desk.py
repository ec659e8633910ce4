"""A shift at the desk in real browsers, and what is kept of it when the server goes down.

Leaves the pictures of docs/inbox.md where SVAR_PICTURES says.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import enter, live
from tests.world import ROOT, Agent, Server, Visitor, copy_shop, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def test_a_supervisor_and_two_agents_work_together(shop: Path) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("SVAR_")}
    kept = {"SVAR_PICTURES", "SVAR_TEST_SHOP"} & set(os.environ)
    own |= {name: os.environ[name] for name in kept} | {"SVAR_TEST_SHOP": str(shop)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.shift"],
        cwd=ROOT, env=own, capture_output=True, text=True, timeout=380, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def inboxes(browser: Browser) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_draft_survives_a_closed_tab_and_a_restart(
    shop: Path, tmp_path: Path, browser: Browser, inboxes: ExitStack
) -> None:
    def open_inbox(server: Server, pk: int) -> Page:
        context = browser.new_context(locale="en-GB", base_url=server.url)
        inboxes.callback(context.close)
        enter(context, server, "mette")
        page = context.new_page()
        page.goto(f"/inbox/c/{pk}/")
        return live(page)

    data = copy_shop(shop, tmp_path / "shop")
    with running(data) as server:
        anna = Visitor(server)
        anna.ask("I want to talk to a person")
        mette = Agent(server, "mette")
        row = mette.get("conversations", view="all", q="talk to a person")["results"][0]
        mette.post(f"conversations/{row['id']}/take", over=True)
        page = open_inbox(server, row["id"])
        with page.expect_response(lambda answer: "/drafts/reply" in answer.url):
            page.locator("#composer-text").fill("Dear Anna, I am looking at")
        page.close()
        server.kill()
        server.start()
        again = open_inbox(server, row["id"])
        field = again.locator("#composer-text")
        expect(field).to_have_value("Dear Anna, I am looking at")
        expect(field).to_be_enabled()
        # Down while she writes on: what is in the page goes to the server once it is back.
        server.kill()
        field.press("End")
        again.keyboard.insert_text(" your order.")
        expect(field).to_have_value("Dear Anna, I am looking at your order.")
        server.start()
        live(again)
        third = open_inbox(server, row["id"]).locator("#composer-text")
        expect(third).to_have_value(re.compile(r"looking at your order\.$"), timeout=30_000)
        anna.close()
        mette.close()
