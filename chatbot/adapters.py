"""The adapters that settings name. The core knows what they can do, and never imports one."""

import functools
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from chatbot.envelope import Capabilities


@functools.cache
def adapter_class(kind: str) -> Any:
    """Return the class that `settings.CHANNEL_ADAPTERS` names for `kind`.

    It is a `channels_adapters.base.ChannelAdapter`. Raises KeyError where there is none.
    """
    return import_string(settings.CHANNEL_ADAPTERS[kind])


def capabilities(kind: str) -> Capabilities:
    """Return what channels of `kind` can show."""
    found: Capabilities = adapter_class(kind).capabilities
    return found
