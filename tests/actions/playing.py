"""Plays a written dialogue (tests/actions/dialogues) against a running server, and judges it."""

import io
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import yaml
from PIL import Image

from tests.mail import MailServer, text_of
from tests.world import KEY, Server, Visitor, wait_for

FOLDER = Path(os.environ.get("SVAR_DIALOGUES", Path(__file__).parent / "dialogues"))
BROWSERS = {
    "chrome-mac": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "firefox-windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 "
    "Firefox/144.0",
    "safari-mac": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "chrome-android": "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "none": "",
}


@dataclass
class Played:
    """What came of a dialogue, and everything that is wrong with that."""

    name: str
    replies: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    dead_end: bool = False
    turns: list[float] = field(default_factory=list)  # seconds

    @property
    def is_right(self) -> bool:
        return not self.wrong and not self.leaks and not self.dead_end

    def __str__(self) -> str:
        said = "\n    ".join(self.replies)
        return f"{self.name}\n  {self.wrong} {self.leaks}\n    {said}"


def dialogues(action: str) -> list[dict[str, Any]]:
    """Return the written dialogues of an action."""
    found: list[dict[str, Any]] = yaml.safe_load((FOLDER / f"{action}.yaml").read_text("utf-8"))
    return found


def picture() -> bytes:
    """Return a small PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def signed(email: str, secret: str) -> str:
    """Return what a host site says of its customer with `email`."""
    now = int(time.time())
    claims = {"sub": email, "email": email, "iat": now, "exp": now + 600}
    return jwt.encode(claims, secret, algorithm="HS256")


class Player:
    """Plays dialogues one after the other."""

    def __init__(self, server: Server, mails: MailServer) -> None:
        self.server = server
        self.mails = mails

    def play(self, dialogue: dict[str, Any]) -> Played:
        """Play `dialogue` as a new visitor, and judge what came of it."""
        from chatbot.actions.models import Attempt
        from chatbot.conversations.models import Channel
        from chatbot.systems.models import Case, Return

        Attempt.objects.all().delete()  # each is a day of its own
        Return.objects.all().delete()
        played = Played(dialogue["name"])
        session: dict[str, Any] = {}
        if email := dialogue.get("signed_in"):
            secret = Channel.objects.get(key=KEY).identity_secret
            session["identity"] = signed(email, secret)
        visitor = Visitor(self.server, dialogue["language"], **session)
        text_only = dialogue.get("channel") == "text"
        browser = dialogue.get("browser", "none" if text_only else "chrome-mac")
        visitor.open(user_agent_header=BROWSERS[browser] or None)
        before = {
            "mails": self.mails.count(),
            "returns": Return.objects.count(),
            "cases": Case.objects.count(),
        }
        self.codes: list[str] = []
        self.seen = before["mails"]
        try:
            for said in dialogue["said"]:
                if not self._say(visitor, said, played):
                    break
            self._judge(visitor, dialogue, played, before)
        except Exception as error:
            played.wrong.append(f"{type(error).__name__}: {str(error)[:200]}")
        finally:
            visitor.close()
        return played

    def _say(self, visitor: Visitor, said: Any, played: Played) -> bool:
        """Say one thing and wait for the reply; return whether the bot still answers."""
        more: dict[str, Any] = {}
        if isinstance(said, str):
            text = said
        elif said.get("code"):
            text = str(said.get("text", "{code}")).replace("{code}", self._code(said["code"]))
        else:
            text = str(said.get("text", ""))
            more["attachments"] = [self._upload(visitor)]
        began = time.perf_counter()
        played.replies.append(f"> {text}")
        visitor.say(text, **more)
        try:
            reply = visitor.sockets[0].message("bot")
        except (AssertionError, TimeoutError):
            played.dead_end = True
            return False
        played.turns.append(time.perf_counter() - began)
        buttons = " | ".join(one["text"] for one in reply["quick_replies"])
        played.replies.append(reply["text"] + (f"  [{buttons}]" if buttons else ""))
        return self._conversation(visitor).status == "bot"

    def _code(self, which: str) -> str:
        """Return the code that was mailed last, or the one before, or a wrong one."""
        self._settled()
        while self.mails.count() > self.seen:
            mail = self.mails.wait(after=self.seen)
            self.seen += 1
            if found := re.search(r"\b\d{6}\b", text_of(mail)):
                self.codes.append(found.group())
        assert self.codes, "no code was mailed"
        if which == "wrong":
            return f"{(int(self.codes[-1]) + 1) % 1_000_000:06d}"
        return self.codes[-2] if which == "old" and len(self.codes) > 1 else self.codes[-1]

    @staticmethod
    def _upload(visitor: Visitor) -> int:
        answer = visitor.http.post(
            "/api/v1/widget/attachments", files={"file": ("bowl.png", picture(), "image/png")}
        )
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    @staticmethod
    def _conversation(visitor: Visitor) -> Any:
        from chatbot.conversations.models import Conversation

        return Conversation.objects.order_by("-pk").first()

    # --- What came of it ----------------------------------------------------------------------
    def _judge(
        self, visitor: Visitor, dialogue: dict[str, Any], played: Played, before: dict[str, int]
    ) -> None:
        from chatbot.actions.models import ActionRun

        conversation = self._conversation(visitor)
        run = ActionRun.objects.filter(conversation=conversation).first()
        outcome = run.outcome if run else None
        if outcome != dialogue["ends"]:
            played.wrong.append(f"ended {outcome!r}, not {dialogue['ends']!r}")
        if conversation.reason == "error":
            played.dead_end = True
        wanted = dialogue.get("handoff")
        if wanted and conversation.reason != wanted:
            played.wrong.append(f"handed off for {conversation.reason!r}, not {wanted!r}")
        self._judge_words(dialogue, played)
        values = run.values if run else {}
        for name, value in dialogue.get("facts", {}).items():
            if str(value).casefold() not in values.get(name, "").casefold():
                played.wrong.append(f"{name} is {values.get(name)!r}, not {value!r}")
        self._judge_effects(dialogue.get("effects", {}), played, before)

    @staticmethod
    def _judge_words(dialogue: dict[str, Any], played: Played) -> None:
        replies = [reply for reply in played.replies if not reply.startswith("> ")]
        typed = {
            one
            for said in played.replies
            for one in re.findall(r"\S+@[\w.-]+\w", said[1:])
            if said.startswith("> ")
        }
        everything, last = "\n".join(replies), replies[-1] if replies else ""
        for words in dialogue.get("replies", ()):
            if str(words).casefold() not in everything.casefold():
                played.wrong.append(f"never said {words!r}")
        for words in dialogue.get("last", ()):
            if str(words).casefold() not in last.casefold():
                played.wrong.append(f"did not end with {words!r}")
        revealed = everything.casefold()
        for address in typed:  # what they typed themselves tells them nothing
            revealed = revealed.replace(address.casefold(), "")
        for words in dialogue.get("never", ()):
            if str(words).casefold() in revealed:
                played.leaks.append(f"said {words!r}")

    def _judge_effects(
        self, effects: dict[str, Any], played: Played, before: dict[str, int]
    ) -> None:
        from chatbot.systems.models import Case, Return

        for name, rows in (("returns", Return), ("cases", Case)):
            made = rows.objects.count() - before[name]
            if name in effects and made != effects[name]:
                played.wrong.append(f"{made} {name}, not {effects[name]}")
        wanted = [*effects.get("mails_to", ()), *effects.get("resets", ())]
        if "mails_to" in effects or "resets" in effects:
            self._settled()
            got = self.mails.recipients(after=before["mails"])
            if sorted(set(got)) != sorted({one.lower() for one in wanted}):
                played.wrong.append(f"mails to {got}, not {wanted}")

    @staticmethod
    def _settled() -> None:
        from chatbot.actions.models import Errand

        wait_for(lambda: not Errand.objects.filter(state="waiting").exists())
