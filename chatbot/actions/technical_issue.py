"""A technical issue: what a colleague needs to know of it, after known problems were tried."""

from chatbot.actions import reading, wording
from chatbot.actions.base import UNKNOWN, Action, Ask, Case, Choice, Done, Person, Step, Task
from chatbot.actions.slots import BROWSER, SYSTEM, words
from chatbot.conversations.attachments import sent_pictures
from chatbot.conversations.devices import system_and_browser

_ASKED = (
    ("tried", wording.ask_tried, ()),
    ("since", wording.ask_since, ()),
    ("often", wording.ask_often, (wording.every_time, wording.now_and_then, wording.once)),
)


class TechnicalIssue(Action):
    name = "technical_issue"
    slots = (
        SYSTEM,
        BROWSER,
        words("error"),
        words("tried", is_optional=True),
        words("since", is_optional=True),
        words("often", is_optional=True),
    )

    def begun(self, task: Task, text: str, case: Case) -> Task:
        system, browser = system_and_browser(case.conversation.user_agent)
        known = {"system": system, "browser": browser}
        task = task.having(**{k: v for k, v in known.items() if v and not task.knows(k)})
        if reading.tells(text):
            task = task.having(error=text.strip()[:2_000])
        return task

    def step(self, task: Task, case: Case) -> Step:
        if case.pictures:
            task = task.having(pictures=str(sent_pictures(conversation=case.conversation)))
        if not task.knows("error") and not task.knows("pictures"):
            return Ask("error", wording.ask_problem(), task=task)
        offer = self._known(task, case)
        if offer is not None:
            return offer
        if task.knows("_offered") and not task.knows("_solved"):
            return Ask("solved", wording.did_that_solve(), (), (wording.yes(), wording.no()), task)
        if task.value("_solved") == "yes":
            return Done("solved", wording.solved(), task=task)
        if not task.knows("system"):
            return Ask("system", wording.ask_system(), task=task)
        if not task.knows("browser"):
            return Ask("browser", wording.ask_browser(), task=task)
        for name, ask, buttons in _ASKED:
            if not task.knows(name):
                choices = tuple(Choice(button(), button()) for button in buttons)
                offered = () if choices else (wording.skip(),)
                return Ask(name, ask(), choices, offered, task=task)
        text = wording.technical_person()
        return Person("opened", "policy_restriction", text, "technical", task)

    def _known(self, task: Task, case: Case) -> Ask | None:
        """Return what offers a known problem that has not been offered yet."""
        if task.knows("_offered"):
            return None
        known = case.known(task.value("error")) if task.value("error") else None
        if known is None or known.entry == task.entry:
            return None
        return Ask(
            "solved",
            wording.did_that_solve(),
            buttons=(wording.yes(), wording.no()),
            known=known,
            task=task.having(_offered=known.entry, known=known.title),
        )

    def answered(self, task: Task, text: str, case: Case) -> Task | None:
        if task.asked == "solved":
            meant = reading.yes_or_no(text)
            if meant is None:
                return None
            return task.having(_solved="yes" if meant else "no")
        if task.asked in ("system", "browser"):
            # A machine that we have no name for is still told to the colleague.
            named = 1 <= len(text.split()) <= 8 and not reading.is_question(text)
            named = named and reading.yes_or_no(text) is None
            if named and not reading.says("unknown", text):
                return task.having(**{task.asked: text.strip()[:100]})
        if task.asked in ("tried", "since", "often", "error") and case.pictures:
            return task.having(**{task.asked: text.strip() or UNKNOWN})
        if task.asked in ("tried", "since", "often") and reading.says("skip", text):
            return task.having(**{task.asked: UNKNOWN})
        return None
