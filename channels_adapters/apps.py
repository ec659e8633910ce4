"""The channels as a Django app, without models: live updates of the website's sockets."""

from django.apps import AppConfig


class ChannelsAdaptersConfig(AppConfig):
    name = "channels_adapters"

    def ready(self) -> None:
        from channels_adapters.website import live

        live.listen()
