"""That every system in the settings can be made, before anybody asks it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from chatbot.systems import connected


@register()
def systems_can_be_made(**_options: Any) -> list[CheckMessage]:
    """Make each system of `settings.SYSTEMS`; what is wrong is said without any value."""
    found: list[CheckMessage] = []
    for port, described in settings.SYSTEMS.items():
        if not described:
            continue
        try:
            connected.made(port)
        except KeyError as error:
            hint = f"Set the environment variable {error}, or name another."
            found.append(
                Error(f"The system for {port} lacks a secret.", hint=hint, id="systems.E001")
            )
        except Exception as error:
            found.append(
                Error(
                    f"The system for {port} cannot be made: {error}",
                    hint="See docs/systems.md for the options of each.",
                    id="systems.E002",
                )
            )
    return found
