"""A list as an address asks for it: `view=all&status=open,queued&labels=3&q=teapot`."""

from typing import Annotated, Any

from drf_spectacular.utils import OpenApiParameter
from pydantic import Field

from chatbot.api import InvalidRequest, parse
from chatbot.events import Payload
from chatbot.inbox.access import Id
from chatbot.inbox.filters import LISTS, VIEWS, Filters, View

_MOST = 50
_FACTS = ("vip", "waiting", "overdue", "failed", "snoozed", "blocked")
PARAMETERS = [
    OpenApiParameter("view", str, enum=VIEWS),
    OpenApiParameter("saved", int, description="A saved view, instead of `view`"),
    OpenApiParameter("q", str, description="Words, “phrases” and operators"),
    *(OpenApiParameter(name, str, description="With commas between") for name in LISTS),
    *(OpenApiParameter(name, bool) for name in _FACTS),
    OpenApiParameter("mentions", str, enum=["unseen", "all"]),
    OpenApiParameter("sort", str, enum=["newest", "oldest", "due"]),
    OpenApiParameter("only", str, description="Numbers of conversations, with commas between"),
    OpenApiParameter("cursor", str),
]


class _Query(Payload):
    view: View = "queue"
    saved: Id = 0
    cursor: Annotated[str, Field(max_length=500)] = ""
    only: Annotated[list[Id], Field(max_length=_MOST)] | None = None


class ListQuery(_Query):
    """Which list is asked for, and where in it. only: of these conversations, which are in it."""

    filters: Filters


def parse_list(query: dict[str, str]) -> ListQuery:
    """Return what an address asks for. Raises InvalidRequest with what is wrong with it."""
    asked: dict[str, Any] = dict(query)
    if "text" in asked:
        raise InvalidRequest({"text": "Extra inputs are not permitted"})
    if "q" in asked:
        asked["text"] = asked.pop("q")
    for name in (*LISTS, "only"):
        if name in asked:
            asked[name] = [one for one in asked[name].split(",") if one]
    rest = {name: asked.pop(name) for name in _Query.model_fields if name in asked}
    place = parse(_Query, rest, strict=False)
    return ListQuery(**dict(place), filters=parse(Filters, asked, strict=False))


def both(kept: Filters, more: Filters) -> Filters:
    """Return a saved view's filters with those that were set besides, which go first."""
    return kept.model_copy(update={name: getattr(more, name) for name in more.model_fields_set})
