"""What an action is: slots to fill, and a step to take with what is filled.

An action is one short file with one class, and one line in `registry.py`. It says what to ask
next, or what came of it; the dialogue around it (corrections, "never mind", questions in
between, giving up) is `engine.py`'s, and who may know what is `access.py`'s.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, ClassVar

from chatbot.conversations.models import Conversation


@dataclass(frozen=True, slots=True)
class Slot:
    """Something an action needs to know.

    find: reads it from a message; the second argument says whether it was asked for just now.
    None: any words are taken, once they were asked for.
    is_optional: "I don't know" is an answer.
    """

    name: str
    find: Callable[[str, bool], str | None] | None = None
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several that the customer may mean: `value` fills the slot."""

    value: str
    label: str


UNKNOWN = "?"  # the value of a slot that the customer cannot fill


@dataclass(frozen=True, slots=True)
class Task:
    """An action under way, as it is kept on the conversation.

    entry: the entry of knowledge that called it. asked: the slot that was asked for last.
    failures: how many answers in a row did not fill it. is_done: it is over, and a message that
    gives one of its slots another value does it again. at: when it was last spoken of, in seconds
    since 1970.
    """

    action: str
    run: int = 0
    entry: str = ""
    topic: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""
    choices: tuple[Choice, ...] = ()
    failures: int = 0
    is_done: bool = False
    confidence: float | None = None
    at: float = 0.0

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Task | None":
        """Return the task that `stored` holds, as `to_json` made it; None if it holds none."""
        if not stored.get("action"):
            return None
        choices = tuple(Choice(c["value"], c["label"]) for c in stored.get("choices", ()))
        return cls(**{**stored, "choices": choices})

    def to_json(self) -> dict[str, Any]:
        """Return what JSON can hold, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value}

    def value(self, name: str) -> str:
        """Return what fills a slot; "" while nothing does, or the customer cannot say."""
        found = self.values.get(name, "")
        return "" if found == UNKNOWN else found

    def knows(self, name: str) -> bool:
        """Return whether a slot was filled, or cannot be."""
        return name in self.values

    def having(self, **values: str) -> "Task":
        """Return the task with these slots filled as well."""
        return replace(self, values={**self.values, **values})

    def without(self, *names: str) -> "Task":
        """Return the task with these slots empty."""
        return replace(self, values={k: v for k, v in self.values.items() if k not in names})


# --- What an action's step says ---------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for one slot. `failed` says that this is what came of an answer to the last asking.

    is_list: several of the choices may be meant, by their numbers. is_yes_or_no: the choices are
    understood, but the buttons stand for them. known: what is told before.
    """

    slot: str
    text: str
    choices: tuple[Choice, ...] = ()
    buttons: tuple[str, ...] = ()
    task: Task | None = None  # as the step changed it
    failed: bool = False
    is_list: bool = False
    is_yes_or_no: bool = False
    known: "Known | None" = None


@dataclass(frozen=True, slots=True)
class Done:
    """The action has come to its end, with this to say."""

    outcome: str
    text: str
    offers_person: bool = False
    asks_person: bool = False  # its text asks whether one shall come: "yes" brings one
    task: Task | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person has to go on; `text` is what the bot says before it says who comes.

    "": the sentence that belongs to the reason.
    """

    outcome: str
    reason: str
    text: str = ""
    detail: str = ""
    task: Task | None = None


Step = Ask | Done | Person


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of knowledge that may solve a problem."""

    entry: str
    title: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Case:
    """What an action may look at beside its slots.

    email: whom the customer has proven to be, or "". key: the same for every try at this
    message: what is done under it is done once. known: looks for a known problem.
    """

    conversation: Conversation
    key: str
    language: str
    today: date
    email: str = ""
    pictures: int = 0  # that came with this message
    known: Callable[[str], Known | None] = lambda _words: None


class Action:
    """Base of all actions; `port` names what of `systems.connected` it cannot do without."""

    name: ClassVar[str]
    port: ClassVar[str] = ""
    slots: ClassVar[Sequence[Slot]] = ()

    def step(self, task: Task, case: Case) -> Step:
        """Return what to ask next, or what came of it. Raises SystemFailure."""
        raise NotImplementedError

    def begun(self, task: Task, text: str, case: Case) -> Task:
        """Return the task with what its first message, `text`, tells beside its slots."""
        return task

    def answered(self, task: Task, text: str, case: Case) -> Task | None:
        """Return the task with `text` understood as the answer to what was asked.

        None where it is none. Only called when no slot's `find` and no choice understood it; of a
        task that is over (nothing is asked), with a message that may want it once more.
        """
        return None

    def slot(self, name: str) -> Slot | None:
        """Return one of the slots by its name."""
        return next((slot for slot in self.slots if slot.name == name), None)
