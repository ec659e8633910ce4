"""Pages of channels: those that adapters have, and the way back from a mail to a website's chat."""

from django.urls import URLPattern, URLResolver, include, path

from channels_adapters.base import HasPages
from channels_adapters.website import back, rate
from chatbot.adapters import adapter_class
from chatbot.conversations.models.channel import kinds

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"channels/{kind}/", include(adapter_class(kind).pages()))
    for kind, _label in kinds()
    if issubclass(adapter_class(kind), HasPages)
]
# Not below /channels/website/: mails that were sent hold this address.
urlpatterns.append(path("back/<str:token>/", back.back, name="back"))
urlpatterns.append(path("rate/<str:token>/", rate.rate, name="rate"))
