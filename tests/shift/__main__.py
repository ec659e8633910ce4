"""A shift, in its length or as fast as it goes: python -m tests.shift --minutes 60

The scenes come again until the time is over, spread over it. In the end every key that the page
lists has been pressed, and every macro, shared view and help of the bot used.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.browsing import LAUNCH, live

ROUNDS = 6  # in the time that is asked for
HELPS = {"draft accepted", "draft edited", "draft discarded", "article", "translation"}
OTHER = {"send anyway", "team: stepped in", "help: translated reply"}


def _keys(desk: Any) -> set[str]:
    """Return the keys that the page lists, as the scenes name them."""
    desk.mette.press("?")
    desk.mette["#help"].wait_for()
    lines = desk.mette["#help-keys dt"].all()
    found = ["+".join(line.locator("kbd").all_inner_texts()) for line in lines]
    desk.mette.page.keyboard.press("Escape")
    named = {"@": "@ in a note"}
    keys = {named.get(one, one) for one in found}
    # The slash stands there twice: to search, and while writing.
    return keys | {"/ while writing"} if found.count("/") > 1 else keys


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.shift", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0.0, help="0: each scene once")
    parser.add_argument("--only", help="the name of one scene, for trying it")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="svar-shift-"))
    os.environ["SVAR_DATA_DIR"] = str(folder / "shop")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    try:
        return _work(folder, options.minutes * 60, options.only)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _work(folder: Path, seconds: float, only: str | None) -> int:
    from playwright.sync_api import expect, sync_playwright

    from tests.chatbot.writing.completions import completions_server
    from tests.mail import MailServer
    from tests.shift.desk import Desk
    from tests.shift.scenes import SCENES
    from tests.world import build_shop, copy_shop, running

    built = os.environ.get("SVAR_TEST_SHOP")
    if built:
        copy_shop(Path(built), folder / "shop")
    else:
        build_shop(folder / "shop")
    import django

    django.setup()
    expect.set_options(timeout=15_000)
    _prepare()
    say = sys.stdout.write
    with ExitStack() as stack:
        mails = MailServer().start()
        stack.callback(mails.stop)
        model = stack.enter_context(completions_server())
        model.text = ""
        server = stack.enter_context(
            running(
                folder / "shop",
                SVAR_EMAIL_URL=mails.url,
                SVAR_LANGUAGE_MODEL="openai:test",
                SVAR_LANGUAGE_MODEL_URL=model.url,
            )
        )
        browser = stack.enter_context(sync_playwright()).chromium.launch(**LAUNCH)
        stack.callback(browser.close)
        desk = Desk(server, browser, model, stack)
        began, rounds, served, failures = time.monotonic(), 0, 0, 0
        while rounds == 0 or time.monotonic() - began < seconds:
            for number, scene in enumerate(SCENES):
                if only and scene.__name__ != only:
                    continue
                # Each round has its share of the time; what is late begins at once.
                due = seconds / ROUNDS * (rounds + number / len(SCENES))
                while (left := due - (time.monotonic() - began)) > 0:
                    desk.mette.page.wait_for_timeout(min(5_000, left * 1_000))
                at = time.monotonic()
                failed = _failure(desk, scene)
                failures += bool(failed)
                served += 1
                took = time.monotonic() - at
                say(f"{(at - began) / 60:5.1f} min  {scene.__name__} ({took:.1f} s)\n{failed}")
                sys.stdout.flush()
            rounds += 1
        wanted = _wanted() | _keys(desk)
        unused = set() if only else wanted - desk.used
        say(f"{served} scenes in {rounds} rounds, {failures} failed; ")
        say(f"used: {len(desk.used & wanted)} of {len(wanted)}\n")
        if unused:
            say(f"not used: {sorted(unused)}\n")
        for error in desk.errors:
            say(f"script error: {error}\n")
        return 1 if unused or failures or desk.errors else 0


def _failure(desk: Any, scene: Any) -> str:
    """Let a scene happen; return what went wrong, after which all begin at their lists again."""
    try:
        scene(desk)
    except Exception:
        desk.model.text = ""
        for worker in (desk.mette, desk.jonas, desk.anke):
            worker.picture(f"failed-{scene.__name__}-{worker.name}")
            worker.page.goto("/inbox/")
            live(worker.page)
        return traceback.format_exc()
    return ""


def _prepare() -> None:
    """Let the supervisor draft articles."""
    from django.contrib.auth.models import Permission, User

    rights = Permission.objects.filter(content_type__app_label="knowledge")
    User.objects.get(username="mette").user_permissions.add(*rights)


def _wanted() -> set[str]:
    from chatbot.inbox.models import Macro, SavedView

    macros = {f"macro: {name}" for name in Macro.objects.values_list("name", flat=True)}
    views = {f"view: {name}" for name in SavedView.objects.values_list("name", flat=True)}
    return macros | views | {f"help: {one}" for one in HELPS} | OTHER


if __name__ == "__main__":
    sys.exit(main())
