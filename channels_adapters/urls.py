"""Pages of channels: installing them, and the way back from a mail to a website's chat."""

from django.urls import path

from channels_adapters.slack import views as slack
from channels_adapters.website import back

urlpatterns = [
    path("channels/slack/<slug:key>/manifest/", slack.manifest, name="slack-manifest"),
    path("channels/slack/<slug:key>/install/", slack.install, name="slack-install"),
    path("channels/slack/installed/", slack.installed, name="slack-installed"),
    path("back/<str:token>/", back.back, name="back"),
]
