"""The sentences that the bot itself says, in the customer's language.

Short, plain, warm; what is, what happens next, and when. See docs/architecture.md.
"""

from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext

# Which of our languages a customer reads whose own we do not write.
_NEAREST = {"nb": "da", "nn": "da", "no": "da", "fo": "da", "is": "da", "fi": "sv", "nl": "de"}
OURS = ("en", "da", "sv", "de")


def our_language(language: str) -> str:
    """Return the language of ours in which to write to a reader of `language`."""
    base = language.lower().partition("-")[0]
    if base in OURS:
        return base
    return _NEAREST.get(base, "en")


def in_language(language: str) -> "translation.override":
    """Return a context in which gettext speaks to a reader of `language`."""
    return translation.override(our_language(language))


def greeting(*, bot: str) -> str:
    return gettext("Hi, I'm %(bot)s. What can I help you with?") % {"bot": bot}


def thanks() -> str:
    return gettext("You're welcome. Write again whenever you need us.")


def goodbye() -> str:
    return gettext("Goodbye, and thanks for writing.")


def did_you_mean() -> str:
    """Asked before the choices, when the question could be about several things."""
    return gettext("Did you mean one of these?")


def about_picture() -> str:
    """Said to a picture that came without a word."""
    return gettext("Thank you, I keep the picture with your question. What is it about?")


def is_it_this() -> str:
    """Asked before the only choice, when the question could be about it."""
    return gettext("Is this what you want?")


def something_else() -> str:
    """The button under a single choice for whoever meant something else."""
    return gettext("No, something else")


def none_of_these() -> str:
    """The button under the choices for whoever meant something else."""
    return gettext("None of these")


def that_helped() -> str:
    """The button under an answer that was one."""
    return gettext("That helped")


def not_it() -> str:
    """The button under an answer that was none."""
    return gettext("That's not it")


def talk_to_person() -> str:
    """The button that brings a person."""
    return gettext("Talk to a person")


def ask_again() -> str:
    """Said when an answer was none."""
    return gettext("Then I misunderstood. Tell me in other words, or I'll get you a colleague.")


def other_language_note(*, language_name: str) -> str:
    """Said before an answer that exists only in another language."""
    return gettext("I only have this answer in %(language)s:") % {"language": language_name}


def handing_over(*, reason: str) -> str:
    """Return the sentence that says why a person comes."""
    if reason == "customer_request":
        return gettext("Of course, I'm getting a colleague for you.")
    if reason == "error":
        return gettext(
            "Something went wrong on our side while I looked this up. I'm bringing in a colleague."
        )
    if reason == "tool_failure":
        return gettext(
            "The system I'd look this up in isn't answering, so I won't guess. "
            "I'm bringing in a colleague."
        )
    return gettext("I don't have a sure answer to that, so I'm bringing in a colleague.")


def person_assigned(*, name: str, minutes: int) -> str:
    """Return what happens next when somebody has the conversation."""
    return ngettext(
        "%(name)s has your question and usually replies within a minute.",
        "%(name)s has your question and usually replies within %(minutes)d minutes.",
        minutes,
    ) % {"name": name, "minutes": minutes}


def joined(*, name: str) -> str:
    return gettext("%(name)s joined the conversation") % {"name": name}


def had_to_leave(*, name: str) -> str:
    return gettext("%(name)s had to leave. A colleague goes on with your question.") % {
        "name": name
    }


def back_to_bot(*, bot: str) -> str:
    return gettext("%(bot)s is answering again") % {"bot": bot}


def resolved() -> str:
    return pgettext("notice", "The conversation was closed")


def language_name(language: str) -> str:
    """Return the name of one of our languages, in the current language."""
    names = {
        "en": pgettext("answer in", "English"),
        "da": pgettext("answer in", "Danish"),
        "sv": pgettext("answer in", "Swedish"),
        "de": pgettext("answer in", "German"),
    }
    return names.get(language, language)


def choose_by_number() -> str:
    """Stands under a numbered list of choices, where there are no buttons."""
    return gettext("Answer with a number, or in your own words.")


def unreadable() -> str:
    """Stands for a message that could not be taken apart."""
    return gettext("A message came that could not be read. It is attached whole.")


def unopened() -> str:
    """Stands for a message whose content is not there any more, or cannot be opened."""
    return gettext(
        "A message came whose content cannot be opened. Its number at the service and when it came "
        "are attached."
    )


def reopened() -> str:
    """Said to a customer who writes again in a conversation that a person had resolved."""
    return gettext("Thank you, I bring your message to a colleague who can see what was said.")


# --- How it was ---------------------------------------------------------------------------------
def how_was_it() -> str:
    """Asked once for each conversation that a person resolved."""
    return gettext("How did we do?")


def rating_words() -> list[str]:
    """Return what the numbers from 1 to 5 mean."""
    return [
        pgettext("rating", "Very poor"),
        pgettext("rating", "Poor"),
        pgettext("rating", "Fair"),
        pgettext("rating", "Good"),
        pgettext("rating", "Excellent"),
    ]


def would_recommend() -> str:
    """Asked now and then, for the Net Promoter Score."""
    return gettext("How likely are you to recommend us to others?")


def recommendation_ends() -> list[str]:
    """Return what 0 and 10 mean."""
    return [pgettext("recommend", "Not at all likely"), pgettext("recommend", "Very likely")]


def rate_by_number() -> str:
    """Stands under the numbered words, where there are no buttons."""
    return gettext("Answer with a number from 1 to 5, and a word if you like.")


def recommend_by_number() -> str:
    """Stands under the question where there is no room for eleven buttons."""
    return gettext("Answer with a number from 0 (not at all likely) to 10 (very likely).")


def answer_here() -> str:
    """Stands before the address of the page on which one can answer instead."""
    return gettext("Or answer on this page:")


def score_noted(*, score: int, most: int) -> str:
    """Say what was understood, so that whoever meant something else says it again."""
    return gettext("Thank you. We noted %(score)d of %(most)d.") % {"score": score, "most": most}


def add_a_word() -> str:
    """Stands before the address of the page where one can say why."""
    return gettext("Add a word about it here:")


def answered_before() -> str:
    """Said to a score that comes after it could be changed."""
    return gettext("You have already answered this, and we have kept it. Thank you.")


def asked_long_ago() -> str:
    """Said to a score that comes when the question is closed."""
    return gettext("It is a while since we asked, so this is closed. Thank you all the same.")


def answer_on_page() -> str:
    """Stands before the address of the page, where the buttons cannot be shown."""
    return gettext("Answer on this page:")
