"""A mailbox's settings as types, read from its channel's."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chatbot.conversations.models import Channel

Security = Literal["ssl", "starttls", "none"]


class MailOptions(BaseModel):
    """`Channel.config` and `Channel.secrets` in one; names are those of `EmailForm`.

    imap_start is where reading began, `[folder, uidvalidity, uid]`: mails from that UID on are new
    even where a person has opened them. hook_url is the address that `connect` was told.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    address: str = ""
    display_name: str = ""
    way_in: Literal["imap", "smtp", "webhook"] = "imap"
    plus_addressing: bool = True
    trusted_authserv: str = ""

    imap_host: str = ""
    imap_port: int | None = None
    imap_security: Security = "ssl"
    imap_user: str = ""
    imap_password: str = Field(default="", repr=False)
    imap_folder: str = "INBOX"
    imap_poll_seconds: int = 30
    imap_start: tuple[str, int, int] | None = None

    smtp_listen_host: str = "127.0.0.1"
    smtp_listen_port: int | None = None
    smtp_certificate: str = ""
    smtp_private_key: str = ""

    webhook_provider: str = ""
    webhook_secret: str = Field(default="", repr=False)
    webhook_api_key: str = Field(default="", repr=False)
    webhook_api_url: str = ""
    hook_url: str = ""

    out_host: str = ""
    out_port: int | None = None
    out_security: Security = "starttls"
    out_user: str = ""
    out_password: str = Field(default="", repr=False)

    @property
    def domain(self) -> str:
        """The part of the address after the @."""
        return self.address.rpartition("@")[2]

    @property
    def trusted_hosts(self) -> tuple[str, ...]:
        """Whose Authentication-Results are believed (RFC 8601, section 5)."""
        return tuple(self.trusted_authserv.replace(",", " ").lower().split())


def options_of(channel: Channel) -> MailOptions:
    """Return a channel's settings; what is empty there has its default.

    Raises pydantic.ValidationError for settings that the form would not have let through.
    """
    given = {**channel.config, **channel.secrets}
    options = {name: value for name, value in given.items() if value not in (None, "")}
    options.setdefault("address", channel.account)
    return MailOptions.model_validate(options)
