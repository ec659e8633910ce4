"""A link for a new password, mailed to the address of the account, whether there is one or not."""

from chatbot.actions import proof, reading, wording
from chatbot.actions.base import Action, Ask, Case, Done, Person, Step, Task
from chatbot.actions.errands import add_errand
from chatbot.actions.models import Errand
from chatbot.actions.slots import EMAIL


class PasswordReset(Action):
    name = "password_reset"
    port = "accounts"
    slots = (EMAIL,)

    def step(self, task: Task, case: Case) -> Step:
        email = task.value("email")
        if not email and case.email and task.value("other") != "yes":
            return Ask(
                "email",
                wording.confirm_reset(email=case.email),
                buttons=(wording.yes(), wording.no()),
            )
        if not email:
            return Ask("email", wording.ask_email_of_account())
        try:
            proof.count("reset", case, subject=email)
            proof.count("resets", case, subject=str(case.conversation.identity_id))
        except proof.TooMany:
            return Person("unproven", "policy_restriction", wording.reset_limit(), task=task)
        add_errand(
            kind=Errand.Kind.RESET, case=case, payload={"email": email, "language": case.language}
        )
        return Done("sent", wording.reset_sent(email=email), offers_person=True)

    def answered(self, task: Task, text: str, case: Case) -> Task | None:
        if not case.email or task.value("other"):
            return None
        meant = reading.yes_or_no(text)
        if meant is None:
            return None
        return task.having(email=case.email) if meant else task.having(other="yes")
