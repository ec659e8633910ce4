"""A complaint: what happened, which order, pictures; a case number, then a person."""

from chatbot.actions import reading, wording
from chatbot.actions.base import UNKNOWN, Action, Ask, Case, Person, Step, Task
from chatbot.actions.slots import EMAIL, ORDER, words
from chatbot.systems import connected
from chatbot.systems.ports import Ticket


class Complaint(Action):
    name = "complaint"
    port = "tickets"
    slots = (ORDER, EMAIL, words("what"), words("pictures", is_optional=True))

    def begun(self, task: Task, text: str, case: Case) -> Task:
        if reading.tells(text):
            task = task.having(what=text.strip()[:2_000])
        return task.having(pictures=str(case.pictures)) if case.pictures else task

    def step(self, task: Task, case: Case) -> Step:
        if case.pictures and not task.value("pictures"):
            task = task.having(pictures=str(case.pictures))
        if not task.knows("what"):
            return Ask("what", wording.ask_what_happened(), task=task)
        if not task.knows("order"):
            ask = wording.ask_order_if_any()
            return Ask("order", ask, buttons=(wording.no_number(),), task=task)
        if not task.knows("pictures"):
            return Ask("pictures", wording.ask_pictures(), buttons=(wording.skip(),), task=task)
        return self._open(task, case)

    def _open(self, task: Task, case: Case) -> Step:
        tickets = connected.tickets()
        if tickets is None:
            raise LookupError("no system takes cases")
        what = task.value("what")
        number = tickets.open(
            Ticket(
                kind=self.name,
                subject=what[:120],
                text=what,
                facts=tuple(
                    (name, task.value(name)) for name in ("order", "pictures") if task.value(name)
                ),
                email=case.email or task.value("email") or case.conversation.contact.email,
                language=case.language,
                conversation=case.conversation.pk,
            ),
            key=f"complaint:{case.key}",
        )
        return Person(
            "opened",
            "policy_restriction",
            wording.case_opened(number=number),
            "complaint",
            task.having(case=number),
        )

    def answered(self, task: Task, text: str, case: Case) -> Task | None:
        if task.asked == "pictures":
            if case.pictures:
                return task.having(pictures=str(case.pictures))
            if reading.says("skip", text) or reading.yes_or_no(text) is False:
                return task.having(pictures=UNKNOWN)
            return None
        if task.asked == "order" and reading.yes_or_no(text) is False:
            return task.having(order=UNKNOWN)
        if task.asked == "what" and case.pictures and not text.strip():
            return task.having(pictures=str(case.pictures))
        return None
