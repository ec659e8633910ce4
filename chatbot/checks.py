"""What is wrong with the settings, said when a command starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from chatbot.answering.langchain_model import LanguageModelUnusableError, check_installed


@register()
def language_model(**_: Any) -> list[CheckMessage]:
    """Warn of a language model that can't be loaded: answers stay as curated then."""
    if not settings.LANGUAGE_MODEL:
        return []
    hint = "Answers stay as they are curated until this is right; see docs/settings.md."
    try:
        check_installed(settings.LANGUAGE_MODEL)
    except LanguageModelUnusableError as error:
        return [Warning(str(error), hint=hint, id="svar.W001")]
    if not isinstance(settings.LANGUAGE_MODEL_OPTIONS, dict):
        return [Warning("LANGUAGE_MODEL_OPTIONS must be a JSON object.", hint=hint, id="svar.W002")]
    return []
