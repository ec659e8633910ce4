"""Whether a mailbox works, in words for an admin."""

import socket
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_adapters.base import Connection, SendError
from channels_adapters.email.options import MailOptions
from channels_adapters.email.outgoing import explained, outgoing_server
from channels_adapters.email.webhooks import PROVIDERS, USER


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    works: bool = True
    permanent: bool = False
    config: tuple[tuple[str, Any], ...] = ()


def connect(options: MailOptions, hook_url: str) -> Connection:
    """Try both ways and return what was found. Raises SendError if one does not work."""
    ways_in = {"imap": _imap, "smtp": _receiver, "webhook": _webhook}
    found = [ways_in[options.way_in](options, hook_url), _out(options)]
    text = "\n".join(one.text for one in found)
    failed = [one for one in found if not one.works]
    if failed:
        raise SendError(text, permanent=any(one.permanent for one in failed))
    config = {name: value for one in found for name, value in one.config}
    return Connection(account=options.address, text=text, config=config)


def _imap(options: MailOptions, _hook_url: str) -> _Found:
    from channels_adapters.email.imap import opened, place_of, started

    try:
        with opened(options) as folder:
            idles = folder.client.has_capability("IDLE")
    except SendError as error:
        return _failed(_("Incoming does not work: %(reason)s"), error)
    said = ngettext(
        "Incoming works: %(folder)s at %(host)s has %(count)d mail.",
        "Incoming works: %(folder)s at %(host)s has %(count)d mails.",
        folder.mails,
    ) % {"folder": options.imap_folder, "host": options.imap_host, "count": folder.mails}
    if not idles:
        said += " " + _(
            "The server does not tell of new mail itself: it is asked every %(seconds)d seconds."
        ) % {"seconds": options.imap_poll_seconds}
    if not folder.keywords:
        said += " " + _(
            "It keeps no marks of ours: mails that somebody opens elsewhere before they are "
            "taken over are missed."
        )
    start = [place_of(options), folder.uidvalidity, started(options, folder)]
    return _Found(said, config=(("imap_start", start),))


def _receiver(options: MailOptions, _hook_url: str) -> _Found:
    host, port = options.smtp_listen_host, options.smtp_listen_port or 25
    values = {"host": host, "port": port, "address": options.address}
    near = "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104  compared, not bound
    try:
        with socket.create_connection((near, port), timeout=5) as connection:
            greeting = connection.recv(200)
    except OSError:
        return _Found(
            _(
                "Mails for %(address)s will be received on %(host)s, port %(port)d. Nothing "
                "receives there yet: that begins when this channel is saved and active."
            )
            % values
        )
    if not greeting.startswith(b"220") or b"Svar" not in greeting:
        text = _("Incoming does not work: another program has port %(port)d of %(host)s.")
        return _Found(text % values, works=False, permanent=True)
    text = _("Incoming works: mails for %(address)s are received on %(host)s, port %(port)d.")
    return _Found(text % values)


def _webhook(options: MailOptions, hook_url: str) -> _Found:
    provider = PROVIDERS.get(options.webhook_provider)
    if provider is None or not options.webhook_secret:
        text = _("Incoming does not work: the provider or the webhook secret is missing.")
        return _Found(text, works=False, permanent=True)
    scheme, _sep, rest = hook_url.partition("://")
    address = hook_url + provider.suffix
    if provider.is_basic:
        address = f"{scheme}://{USER}:SECRET@{rest}{provider.suffix}"
    text = _("Enter this address for inbound mail at %(provider)s: %(address)s")
    text = text % {"provider": provider.name, "address": address}
    if provider.is_basic:
        text += " " + _("Write the webhook secret in place of SECRET.")
    return _Found(text, config=(("hook_url", hook_url),))


def _out(options: MailOptions) -> _Found:
    try:
        with explained(options):
            if options.out_host:
                with outgoing_server(options) as server:
                    server.noop()
            else:
                connection = get_connection()
                connection.open()
                connection.close()
    except SendError as error:
        return _failed(_("Outgoing does not work: %(reason)s"), error)
    if options.out_host:
        return _Found(_("Outgoing works: %(host)s takes mail.") % {"host": options.out_host})
    name = settings.EMAIL_BACKEND.rpartition(".mail.")[2] or settings.EMAIL_BACKEND
    return _Found(_("Outgoing works by the server's own settings (%(name)s).") % {"name": name})


def _failed(text: str, error: SendError) -> _Found:
    return _Found(text % {"reason": str(error)}, works=False, permanent=error.permanent)
