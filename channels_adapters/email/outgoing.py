"""The way out: a mailbox's own SMTP server, or Django's mail backend; and what errors mean."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.translation import gettext as _

from channels_adapters.base import SendError
from channels_adapters.email.options import MailOptions
from channels_adapters.email.tls import tls_context

SECONDS = 20
DETAIL_CHARACTERS = 200
_PORTS = {"ssl": 465, "starttls": 587, "none": 25}


def deliver(options: MailOptions, mail: EmailMultiAlternatives) -> None:
    """Hand a mail on. Raises SendError, permanent where the server said 5xx (RFC 5321)."""
    with explained(options):
        if not options.out_host:
            get_connection().send_messages([mail])
            return
        sender, *recipients = [_ascii_domain(one) for one in (options.address, *mail.recipients())]
        content = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own
        with outgoing_server(options) as server:
            extension = _extension(server, [sender, *recipients])
            refused = server.sendmail(sender, recipients, content, mail_options=extension)
        # The mail is out to the others; the customer's own address is what counts.
        if recipients[0] in refused:
            raise smtplib.SMTPRecipientsRefused({recipients[0]: refused[recipients[0]]})


@contextmanager
def outgoing_server(options: MailOptions) -> Iterator[smtplib.SMTP]:
    """Connect to the SMTP server and log in. Raises the errors of smtplib and OSError."""
    port = options.out_port or _PORTS[options.out_security]
    server: smtplib.SMTP
    if options.out_security == "ssl":
        server = smtplib.SMTP_SSL(options.out_host, port, timeout=SECONDS, context=tls_context())
    else:
        server = smtplib.SMTP(options.out_host, port, timeout=SECONDS)
    try:
        if options.out_security == "starttls":
            server.starttls(context=tls_context())
        server.ehlo_or_helo_if_needed()
        if options.out_user:
            server.login(options.out_user, options.out_password)
        yield server
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


@contextmanager
def explained(options: MailOptions) -> Iterator[None]:
    """Turn errors of sending into SendError, in words for people."""
    host = {"host": options.out_host or settings.EMAIL_HOST}
    try:
        yield
    except SendError:
        raise
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        said = _said(code, answer)
        detail = _("The mail server refused the recipient: %(said)s") % {"said": said}
        raise SendError(detail, permanent=_is_permanent(code)) from error
    except smtplib.SMTPAuthenticationError as error:
        detail = _("The mail server %(host)s did not accept the user name and password.") % host
        raise SendError(detail, permanent=_is_permanent(error.smtp_code)) from error
    except smtplib.SMTPNotSupportedError as error:
        detail = _(
            "The mail server %(host)s cannot do what was asked of it, such as STARTTLS or login."
        )
        raise SendError(detail % host, permanent=True) from error
    except smtplib.SMTPResponseException as error:
        said = _said(error.smtp_code, error.smtp_error)
        detail = _("The mail server refused the mail: %(said)s") % {"said": said}
        raise SendError(detail, permanent=_is_permanent(error.smtp_code)) from error
    except ssl.SSLCertVerificationError as error:
        detail = _("The certificate of the mail server %(host)s is not valid: %(reason)s.")
        values = {**host, "reason": error.verify_message}
        raise SendError(detail % values, permanent=True) from error
    except socket.gaierror as error:
        detail = _("There is no server named %(host)s. Look at how the mail server is spelt.")
        raise SendError(detail % host, permanent=False) from error
    except (OSError, smtplib.SMTPException) as error:  # the connection: refused, lost, timed out
        detail = _("The mail server %(host)s could not be reached.")
        if type(error) is ssl.SSLError:  # its subclasses are of connections that ended
            detail = _(
                "The mail server %(host)s does not speak TLS as it is set: look at its port."
            )
        raise SendError(detail % host, permanent=False) from error
    except Exception as error:
        if not type(error).__module__.startswith("anymail."):
            raise
        raise _of_provider(error) from error


def _ascii_domain(address: str) -> str:
    local, _at, domain = address.rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}"


def _extension(server: smtplib.SMTP, addresses: list[str]) -> list[str]:
    """Return what to ask of the server for letters beyond ASCII in addresses (RFC 6531)."""
    if all(address.isascii() for address in addresses):
        return []
    if not server.has_extn("smtputf8"):
        detail = _("The mail server cannot send to addresses with letters such as å or ü.")
        raise SendError(detail, permanent=True)
    return ["SMTPUTF8", "BODY=8BITMIME"]


def _of_provider(error: Exception) -> SendError:
    """Return what an error of one of django-anymail's backends means."""
    status = getattr(error, "status_code", None)
    rejected = type(error).__name__ in ("AnymailRecipientsRefused", "AnymailInvalidAddress")
    permanent = rejected or (isinstance(status, int) and 400 <= status < 500 and status != 429)
    if rejected:
        return SendError(_("The mail provider refused the recipient."), permanent=True)
    code = f"HTTP {status}" if status else type(error).__name__
    detail = _("The mail provider did not take the mail (%(code)s).") % {"code": code}
    return SendError(detail, permanent=permanent)


def _is_permanent(code: int) -> bool:
    return 500 <= code < 600


def _said(code: int, said: bytes | str) -> str:
    """Return a server's answer in a line; it has the enhanced status code of RFC 3463."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:DETAIL_CHARACTERS]
