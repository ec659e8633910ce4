"""What Slack sends, as types: only the fields that are read.

Sources: docs.slack.dev/reference/events, /reference/interaction-payloads/block_actions-payload,
/apis/events-api/using-socket-mode, and the pages of the Web API's methods.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Seconds with a fraction that makes them unique within a channel; sometimes there is none.
Ts = Annotated[str, Field(pattern=r"^(\d{1,11}(\.\d{1,9})?)?$")]


class Foreign(BaseModel):
    """Fields we do not know are passed over, and so is null, which Slack writes for nothing.

    Errors never show values, which are customers'.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_nothing(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data


# --- Events -----------------------------------------------------------------------------------
class File(Foreign):
    """`file_access` is check_file_info where only files.info tells more (Slack Connect)."""

    id: str = ""
    name: str = ""
    title: str = ""
    mimetype: str = ""
    size: int = 0
    mode: str = ""
    is_external: bool = False
    url_private: str = ""
    url_private_download: str = ""
    file_access: str = ""


class MessageBody(Foreign):
    """A message inside of an event about it."""

    ts: Ts = ""
    thread_ts: Ts = ""
    user: str = ""
    text: str = ""
    subtype: str = ""
    bot_id: str = ""


class MessageEvent(Foreign):
    """`message` and `app_mention`; `ts` names the message within `channel`.

    channel_type is not said of a mention.
    """

    type: Literal["message", "app_mention"]
    channel: str
    ts: Ts
    channel_type: str = ""
    subtype: str = ""
    user: str = ""
    bot_id: str = ""
    text: str = ""
    thread_ts: Ts = ""
    files: tuple[File, ...] = ()
    message: MessageBody | None = None
    previous_message: MessageBody | None = None
    deleted_ts: Ts = ""


class Authorization(Foreign):
    """An installation of the app that may see an event."""

    team_id: str = ""
    enterprise_id: str = ""
    user_id: str = ""
    is_bot: bool = False


class AnyEvent(Foreign):
    """What all events have."""

    type: str
    event_ts: Ts = ""
    bot_id: str = ""


class Callback(Foreign):
    """The outer part of an event. `event_id` is the same for each attempt to deliver it."""

    type: Literal["event_callback"]
    event_id: str = Field(min_length=1)
    event: AnyEvent
    team_id: str = ""
    event_time: float = Field(0.0, ge=0, le=1e11)
    authorizations: tuple[Authorization, ...] = ()

    @property
    def account(self) -> str:
        """The workspace whose installation this is for.

        `team_id` may be another company's, in channels that are shared with one.
        """
        for each in self.authorizations:
            if each.team_id or each.enterprise_id:
                return each.team_id or each.enterprise_id
        return self.team_id

    @property
    def bot_user_id(self) -> str:
        """The user that the bot is there, where the event says so."""
        return next((each.user_id for each in self.authorizations if each.is_bot), "")


class MessageCallback(Callback):
    """A `Callback` whose event is a message."""

    event: MessageEvent  # type: ignore[assignment]  # the same JSON, read further


# --- Buttons ----------------------------------------------------------------------------------
class User(Foreign):
    id: str
    name: str = ""


class Team(Foreign):
    id: str


class Place(Foreign):
    id: str
    name: str = ""


class Container(Foreign):
    """The message that a button is on."""

    message_ts: Ts = ""
    channel_id: str = ""
    thread_ts: Ts = ""


class Pressed(Foreign):
    type: str = ""
    action_id: str = ""
    action_ts: Ts = ""
    value: str = ""


class PressedMessage(Foreign):
    thread_ts: Ts = ""


class Interaction(Foreign):
    """What is sent when somebody uses something of the app's: a button, a menu, a form."""

    type: str


class Press(Interaction):
    """`block_actions`: somebody pressed a button on a message."""

    user: User
    team: Team | None = None
    channel: Place | None = None
    container: Container
    message: PressedMessage | None = None
    actions: tuple[Pressed, ...] = Field(min_length=1)

    @property
    def account(self) -> str:
        """The workspace; empty where the app is installed in a whole organisation."""
        return self.team.id if self.team else ""


# --- Socket Mode ------------------------------------------------------------------------------
class Envelope(Foreign):
    """A frame of Socket Mode; one with `envelope_id` is to be acknowledged by it."""

    type: str
    envelope_id: str = ""
    reason: str = ""
    payload: dict[str, Any] = Field(default_factory=dict)


# --- Answers of the Web API -------------------------------------------------------------------
class PostAnswer(Foreign):
    channel: str
    ts: Ts


class OpenAnswer(Foreign):
    channel: Place


class AuthAnswer(Foreign):
    team_id: str
    team: str = ""
    user: str = ""
    user_id: str = ""
    bot_id: str = ""


class OAuthAnswer(Foreign):
    access_token: str = Field(min_length=1, repr=False)


class UploadAnswer(Foreign):
    upload_url: str
    file_id: str


class FileAnswer(Foreign):
    file: File


class Profile(Foreign):
    real_name: str = ""
    display_name: str = ""
    email: str = ""


class Described(Foreign):
    name: str = ""
    profile: Profile = Profile()


class UserAnswer(Foreign):
    user: Described
