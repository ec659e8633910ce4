"""What the widget asks over HTTP: the site, a session, and messages where sockets are blocked."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import Field
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_adapters.website import intake, live, signed_in, tokens
from channels_adapters.website.payloads import conversation_part
from chatbot.api import ApiError, ErrorResponse, parse, query_of, respond
from chatbot.conversations import selectors, wording
from chatbot.conversations.attachments import UnknownAttachments
from chatbot.conversations.models import WEBSITE, Channel
from chatbot.conversations.payloads import message_for_contact
from chatbot.conversations.validation import InvalidText
from chatbot.events import (
    AttachmentIds,
    ClientId,
    ConversationPart,
    Language,
    MessagePart,
    Page,
    Payload,
    Proof,
)
from chatbot.routing import selectors as routing
from chatbot.routing import waiting
from knowledge.search import suggestions

Key = Annotated[str, Field(min_length=1, max_length=64)]
Id = Annotated[int, Field(ge=0, le=2**63 - 1)]


# --- Types ------------------------------------------------------------------------------------
class SiteQuery(Payload):
    key: Key
    language: Language = ""


class HumanPart(Payload):
    available: bool
    reply_minutes: int | None
    opens_at: datetime | None


class SitePart(Payload):
    key: str
    name: str
    bot_name: str
    accent: str
    language: str
    suggestions: list[str]
    human: HumanPart


class SessionRequest(Payload):
    key: Key
    token: Annotated[str, Field(max_length=2000)] = ""
    identity: Proof | None = None
    log_out: bool = False


class SessionPart(Payload):
    token: str
    expires_at: datetime
    visitor: str
    identity: Literal["verified", "refused"] | None


class MessagesQuery(Payload):
    after: Id = 0
    before: Id = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class MessagesPart(Payload):
    messages: list[MessagePart]
    conversation: ConversationPart | None
    has_more: bool


class MessageRequest(Payload):
    client_id: ClientId
    text: Annotated[str, Field(max_length=20_000)]
    attachments: AttachmentIds = []
    intent: Literal["message", "human"] = "message"
    language: Language = ""
    page: Page | None = None


class MessageResult(Payload):
    message: MessagePart
    duplicate: bool


class SeenRequest(Payload):
    message_id: Id


class ContactRequest(Payload):
    email: Annotated[str, Field(max_length=254)] = ""
    name: Annotated[str, Field(max_length=100)] = ""


class ContactResult(Payload):
    email: str
    name: str


# --- Who asks ---------------------------------------------------------------------------------
class VisitorAuthentication(BaseAuthentication):
    """`Authorization: Visitor <token>`."""

    def authenticate(self, request: Request) -> tuple[tokens.Visitor, str] | None:
        scheme, _sep, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "visitor":
            return None
        try:
            visitor = tokens.read(token.strip())
        except tokens.InvalidToken as error:
            raise AuthenticationFailed(_("The session is not valid any more.")) from error
        return visitor, token

    def authenticate_header(self, request: Request) -> str:
        return "Visitor"


class VisitorScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped registry
    target_class = VisitorAuthentication
    name = "visitor"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization"}


class IsVisitor(BasePermission):
    """Whoever has a valid token, on a page of an allowed origin, of an active site."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        visitor: Any = request.user
        if not isinstance(visitor, tokens.Visitor):
            raise NotAuthenticated
        channel = Channel.objects.filter(pk=visitor.channel_id, is_active=True).first()
        if channel is None:
            raise NotAuthenticated
        _check_origin(channel, request)
        return True


def _check_origin(channel: Channel, request: Request) -> None:
    if not intake.origin_allowed(channel, request.headers.get("Origin", "")):
        raise ApiError("origin", _("This website is not on the list of the chat."), status=403)


ERRORS = {(code, "application/json"): ErrorResponse for code in (400, 401, 403, 404, 406, 415, 429)}
PUBLIC_ERRORS = {key: value for key, value in ERRORS.items() if key[0] not in (401,)}


def _site(key: str, request: Request) -> Channel:
    found = key.isprintable()  # PostgreSQL cannot even look for a NUL
    channel = selectors.active_channel(key=key, kind=WEBSITE) if found else None
    if channel is None:
        raise ApiError("not_found", _("There is no chat with this key."), status=404)
    _check_origin(channel, request)
    return channel


# --- Views ------------------------------------------------------------------------------------
class SiteView(APIView):
    """What the widget shows before anybody writes."""

    authentication_classes = ()
    permission_classes = ()
    throttle_scope = "widget-read"

    @extend_schema(
        operation_id="site",
        parameters=[
            OpenApiParameter("key", str, required=True),
            OpenApiParameter("language", str),
        ],
        responses={(200, "application/json"): SitePart, **PUBLIC_ERRORS},
    )
    def get(self, request: Request) -> Response:
        query = parse(SiteQuery, query_of(request), strict=False)
        channel = _site(query.key, request)
        language = wording.our_language(query.language or channel.language)
        now = timezone.now()
        here = any(agent.presence == "online" for agent in routing.agents())
        return respond(
            SitePart(
                key=channel.key,
                name=channel.name,
                bot_name=channel.bot_name,
                accent=channel.accent,
                language=language,
                suggestions=suggestions(language),
                human=HumanPart(
                    available=here,
                    reply_minutes=waiting.reply_minutes(channel, now=now),
                    opens_at=waiting.opens_at(channel, now=now),
                ),
            )
        )


class SessionView(APIView):
    """A token for a browser: the one it had, renewed, or a new visitor's.

    New is also who logs out on the website, and who logs in there as somebody else.
    """

    authentication_classes = ()
    permission_classes = ()
    throttle_scope = "widget-session"

    @extend_schema(
        operation_id="session",
        request={"application/json": SessionRequest},
        responses={(200, "application/json"): SessionPart, **PUBLIC_ERRORS},
    )
    def post(self, request: Request) -> Response:
        body = parse(SessionRequest, request.data)
        channel = _site(body.key, request)
        try:
            visitor = tokens.read(body.token)
        except tokens.InvalidToken:
            visitor = tokens.new_visitor(channel.pk)
        if visitor.channel_id != channel.pk:
            visitor = tokens.new_visitor(channel.pk)
        outcome = None
        if body.log_out:
            visitor = signed_in.log_out(visitor)
        if body.identity is not None:
            visitor, outcome = signed_in.identify(channel, visitor, body.identity)
        token, expires_at = tokens.issue(visitor)
        return respond(
            SessionPart(token=token, expires_at=expires_at, visitor=visitor.id, identity=outcome)
        )


class VisitorView(APIView):
    """Base of what only a visitor with a token may call, about their own rows."""

    authentication_classes = (VisitorAuthentication,)
    permission_classes = (IsVisitor,)

    def visitor(self) -> tokens.Visitor:
        """Return who calls."""
        user: Any = self.request.user
        if not isinstance(user, tokens.Visitor):
            raise NotAuthenticated
        return user

    def get_throttles(self) -> Any:
        self.throttle_scope = "widget-read" if self.request.method == "GET" else "widget-write"
        return super().get_throttles()


class MessagesView(VisitorView):
    """What was said, and a way to say something where sockets are blocked."""

    @extend_schema(
        operation_id="messages",
        parameters=[
            OpenApiParameter("after", int),
            OpenApiParameter("before", int),
            OpenApiParameter("limit", int),
        ],
        responses={(200, "application/json"): MessagesPart, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        query = parse(MessagesQuery, query_of(request), strict=False)
        channel_id, sender_id = self.visitor().channel_id, self.visitor().id
        messages, more = selectors.page_of(
            selectors.visible_messages(channel_id=channel_id, sender_id=sender_id).prefetch_related(
                "attachments"
            ),
            after=query.after,
            before=query.before,
            limit=query.limit,
        )
        conversation = selectors.latest_conversation(channel_id=channel_id, sender_id=sender_id)
        return respond(
            MessagesPart(
                messages=[message_for_contact(message) for message in messages],
                conversation=conversation_part(conversation),
                has_more=more,
            )
        )

    @extend_schema(
        operation_id="send_message",
        request={"application/json": MessageRequest},
        responses={
            (201, "application/json"): MessageResult,
            (200, "application/json"): MessageResult,
            **ERRORS,
        },
    )
    def post(self, request: Request) -> Response:
        body = parse(MessageRequest, request.data)
        try:
            with wording.in_language(body.language):
                recorded = intake.receive(
                    self.visitor(),
                    client_id=body.client_id,
                    text=body.text,
                    intent=body.intent,
                    language=body.language,
                    page=body.page,
                    user_agent=request.headers.get("User-Agent", ""),
                    attachments=body.attachments,
                )
        except InvalidText as error:
            raise ApiError(error.code, error.detail) from error
        except UnknownAttachments as error:
            raise ApiError("invalid_event", str(error)) from error
        except intake.TooMany as error:
            raise ApiError(
                "rate_limited", str(error), status=429, retry_after=error.retry_after
            ) from error
        result = MessageResult(
            message=message_for_contact(recorded.message), duplicate=not recorded.created
        )
        return respond(result, status=201 if recorded.created else 200)


class SeenView(VisitorView):
    """The visitor has seen everything up to a message."""

    @extend_schema(
        operation_id="seen",
        request={"application/json": SeenRequest},
        responses={204: None, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        body = parse(SeenRequest, request.data)
        live.note_seen(
            channel_id=self.visitor().channel_id,
            sender_id=self.visitor().id,
            message_id=body.message_id,
        )
        return Response(status=204)


class ContactView(VisitorView):
    """Who the visitor says they are."""

    @extend_schema(
        operation_id="contact",
        request={"application/json": ContactRequest},
        responses={(200, "application/json"): ContactResult, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        body = parse(ContactRequest, request.data)
        try:
            identity = intake.update_contact(self.visitor(), email=body.email, name=body.name)
        except ValidationError as error:
            raise ApiError("invalid", " ".join(error.messages)) from error
        return respond(ContactResult(email=identity.contact.email, name=identity.contact.name))
