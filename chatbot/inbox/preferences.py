"""How an agent wants the inbox: its look and language, and what it calls for."""

from typing import Literal, get_args

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.api import parse, respond
from chatbot.events import Payload
from chatbot.inbox.access import READ, WRITE, InboxView
from chatbot.inbox.models import Preferences
from chatbot.routing.models import AgentProfile

# A conversation was given to the agent; a customer wrote in one of theirs; a colleague named them
# in a note; somebody new waits; the time that a service level promises is over.
Event = Literal["given", "customer", "mention", "queue", "late"]
EVENTS: tuple[Event, ...] = get_args(Event)
Language = Literal["", "en", "da", "sv", "de"]


class PreferencesPart(Payload):
    """`tell`: the events that call. `words`: whether notifications say what the customer wrote."""

    theme: Literal["system", "light", "dark"]
    language: str
    sound: bool
    desktop: bool
    words: bool
    tell: list[Event]


class PreferencesRequest(Payload):
    """What is left out stays as it is; the language "" is the browser's."""

    theme: Literal["system", "light", "dark"] | None = None
    language: Language | None = None
    sound: bool | None = None
    desktop: bool | None = None
    words: bool | None = None
    tell: list[Event] | None = None


def preferences_of(agent: AgentProfile) -> Preferences:
    """Return what the agent chose; the usual, unsaved, where they chose nothing yet."""
    return Preferences.objects.filter(agent=agent).first() or Preferences(agent=agent)


def preferences_part(chosen: Preferences) -> PreferencesPart:
    """Return the preferences to the agent whose they are."""
    return PreferencesPart(
        theme=chosen.theme,  # type: ignore[arg-type]  # one of the choices
        language=chosen.language,
        sound=chosen.sound,
        desktop=chosen.desktop,
        words=chosen.words,
        tell=[event for event in EVENTS if event not in chosen.quiet],
    )


def change_preferences(*, agent: AgentProfile, change: PreferencesRequest) -> Preferences:
    """Keep what the agent chose; return all of it."""
    values = change.model_dump(exclude_none=True)
    told = values.pop("tell", None)
    if told is not None:
        values["quiet"] = [event for event in EVENTS if event not in told]
    if not values:
        return preferences_of(agent)
    chosen, _ = Preferences.objects.update_or_create(agent=agent, defaults=values)
    return chosen


def remember_language(response: HttpResponse, language: str) -> None:
    """Put the language into the browser, where Django looks for it; "" takes it away."""
    name, path = settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_COOKIE_PATH
    if not language:
        response.delete_cookie(name, path=path)
        return
    response.set_cookie(
        name,
        language,
        max_age=365 * 24 * 60 * 60,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


class PreferencesView(InboxView):
    """The agent's own preferences."""

    @extend_schema(
        operation_id="preferences",
        responses={(200, "application/json"): PreferencesPart, **READ},
    )
    def get(self, request: Request) -> Response:
        return respond(preferences_part(preferences_of(self.agent)))

    @extend_schema(
        operation_id="change_preferences",
        request={"application/json": PreferencesRequest},
        responses={(200, "application/json"): PreferencesPart, **WRITE},
    )
    def patch(self, request: Request) -> Response:
        body = parse(PreferencesRequest, request.data)
        response = respond(preferences_part(change_preferences(agent=self.agent, change=body)))
        if body.language is not None:
            remember_language(response, body.language)
        return response
