"""How systems are configured: options from `settings.SYSTEMS`, checked when a system is made."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import httpx2
from django.core.exceptions import ImproperlyConfigured
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Model = TypeVar("Model", bound=BaseModel)


def _are_headers(value: dict[str, str]) -> dict[str, str]:
    for name, content in value.items():
        if not name or not (name + content).isascii() or not (name + content).isprintable():
            raise ValueError("names and values must be printable ASCII")
    return value


Headers = Annotated[dict[str, str], AfterValidator(_are_headers)]


class Options(BaseModel):
    """Options from `settings.SYSTEMS`; errors never show values, which may be secrets."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Zoned(Options):
    """`time_zone` is that of times without one, and where the days are told."""

    time_zone: str = "UTC"

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError):
            raise ValueError("is no time zone") from None
        return value

    def day_of(self, moment: datetime) -> date:
        """Return the day of an aware datetime in this time zone."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()


class Connection(Options):
    """How a system is reached. `seconds` is the limit of one call with all its retries."""

    base_url: str
    name: str = ""
    headers: Headers = {}
    seconds: float = Field(5.0, gt=0, le=60)
    connect_seconds: float = Field(2.0, gt=0, le=60)
    read_seconds: float = Field(4.0, gt=0, le=60)
    attempts: int = Field(4, ge=1, le=10)
    breaker_failures: int = Field(5, ge=1)
    breaker_seconds: float = Field(30.0, gt=0)
    ca_file: str = ""
    plain_http: bool = False

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        try:
            url = httpx2.URL(value)
        except (httpx2.InvalidURL, ValueError):
            raise ValueError("is not an address") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("must begin with https:// or http:// and name a host")
        if url.userinfo or url.query or url.fragment:
            raise ValueError("must have no user, query or fragment")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _is_protected(self) -> "Connection":
        url = httpx2.URL(self.base_url)
        if url.scheme == "http" and url.host not in _LOOPBACK and not self.plain_http:
            raise ValueError("base_url must be https://, unless plain_http is true")
        return self

    @property
    def system(self) -> str:
        """The name for logs and agents."""
        return self.name or httpx2.URL(self.base_url).host


def read_options(model: type[Model], options: Mapping[str, Any], of: str) -> Model:
    """Return `options` as `model`. Raises ImproperlyConfigured: `of`, then what is wrong where."""
    try:
        return model.model_validate(dict(options))
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'options'}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise ImproperlyConfigured(f"SVAR_SYSTEMS, {of}: {wrong}") from None
