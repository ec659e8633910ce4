"""From the mailed link to a new password; the demo shop's accounts; the mails kept as files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.utils import timezone

from chatbot.conversations.models import Channel
from chatbot.demo import account as demo_account
from chatbot.systems import services
from chatbot.systems.embedded import EmbeddedAccounts, reset_link
from chatbot.systems.models import Account
from tests.chatbot.systems.database import Client, database_in, empty_tables

IDA, OLD, NEW = "ida@example.com", "the-old-one-1", "heather-and-moss-9"
HERE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with database_in(tmp_path_factory.mktemp("systems")):
        yield


@pytest.fixture(autouse=True)
def tables(database: None, settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    cache.clear()
    yield
    empty_tables()
    Channel.objects.all().delete()


@pytest.fixture
def ida(tables: None) -> Account:
    services.save_account(email=IDA, name="Ida Holm")
    account = Account.objects.get()
    services.set_password(account=account, password=OLD)
    return account


def mailed_link(settings: Any) -> str:
    """Return the path of the link in the newest mail."""
    text = "".join(path.read_text() for path in Path(settings.EMAIL_FILE_PATH).glob("*.log"))
    return re.findall(HERE + r"(/account/password/\S+)", text.partition("text/html")[0])[-1]


def opened(client: Client, link: str) -> Any:
    """Return the page behind the link, after the token left the address."""
    return client.get(link, follow=True)


def submitted(client: Client, shown: Any, first: str, second: str = "") -> Any:
    path = shown.redirect_chain[-1][0]
    return client.post(path, {"new_password1": first, "new_password2": second or first})


def test_the_mailed_link_sets_a_new_password_once(ida: Account, settings: Any) -> None:
    EmbeddedAccounts().send_reset(IDA, "en")
    link, client = mailed_link(settings), Client()
    shown = opened(client, link)
    assert "Choose a new password" in shown.content.decode()
    token = link.split("/")[4]
    assert token not in shown.redirect_chain[-1][0]
    assert token not in shown.content.decode()
    done = submitted(client, shown, NEW)
    assert done.status_code == 302
    assert done["Location"].startswith("/account/password/done/")
    assert "Your new password is set" in client.get(done["Location"]).content.decode()
    ida.refresh_from_db()
    assert ida.check_password(NEW)
    for again in (client, Client()):
        assert "This link no longer works" in opened(again, link).content.decode()
    assert "This link no longer works" in submitted(client, shown, "another-one-8").content.decode()
    ida.refresh_from_db()
    assert ida.check_password(NEW)


def test_the_pages_are_neither_kept_nor_told_to_others(ida: Account) -> None:
    link = reset_link(ida, "en").removeprefix(HERE)
    for response, referrer in (
        (Client().get(link), "no-referrer"),
        (opened(Client(), link), "same-origin"),  # with none, browsers send "Origin: null"
        (Client().get("/account/password/x/y/"), "no-referrer"),
    ):
        assert response["Referrer-Policy"] == referrer
        assert "no-store" in response["Cache-Control"]
        assert "default-src 'self'" in response["Content-Security-Policy"]


def test_a_link_lives_for_an_hour(ida: Account, settings: Any) -> None:
    assert settings.PASSWORD_RESET_TIMEOUT == 3_600
    link = reset_link(ida, "en").removeprefix(HERE)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "This link no longer works" in opened(Client(), link).content.decode()


@pytest.mark.parametrize("uid", ["MQ", "OTk5", "x", "____", "4pyT", "LTE", "1" * 200])
@pytest.mark.parametrize("token", ["set-password", "abc-123", "x", "%00"])
def test_an_invented_link_opens_nothing(ida: Account, uid: str, token: str) -> None:
    shown = Client().get(f"/account/password/{uid}/{token}/", follow=True)
    assert shown.status_code == 200
    assert "This link no longer works" in shown.content.decode()


def test_the_link_of_one_opens_no_other_account(ida: Account) -> None:
    services.save_account(email="eve@example.com")
    eve = Account.objects.get(email="eve@example.com")
    token = reset_link(eve, "en").split("/")[-2]
    uid = reset_link(ida, "en").split("/")[-3]
    client = Client()
    opened(client, reset_link(eve, "en").removeprefix(HERE))
    for last in (token, "set-password"):
        shown = client.get(f"/account/password/{uid}/{last}/", follow=True)
        assert "This link no longer works" in shown.content.decode()


def test_an_account_that_was_switched_off_has_no_link(ida: Account) -> None:
    link = reset_link(ida, "en").removeprefix(HERE)
    services.save_account(email=IDA, is_active=False)
    assert "This link no longer works" in opened(Client(), link).content.decode()


@pytest.mark.parametrize(
    ("first", "second"),
    [("short", ""), ("password", ""), ("13571357", ""), (IDA, ""), (NEW, "something-else-7")],
)
def test_a_weak_password_is_refused_with_the_reason(ida: Account, first: str, second: str) -> None:
    client = Client()
    shown = opened(client, reset_link(ida, "en").removeprefix(HERE))
    refused = submitted(client, shown, first, second)
    assert refused.status_code == 200
    assert 'class="error"' in refused.content.decode()
    ida.refresh_from_db()
    assert ida.check_password(OLD)


@pytest.mark.parametrize("language", ["en", "da", "sv", "de"])
def test_the_pages_speak_the_language_of_the_link(ida: Account, language: str) -> None:
    client = Client(headers={"accept-language": "en"})
    shown = opened(client, reset_link(ida, language).removeprefix(HERE))
    assert f'<html lang="{language}">' in shown.content.decode()
    done = submitted(client, shown, NEW)
    assert f'<html lang="{language}">' in client.get(done["Location"]).content.decode()


def test_without_a_language_the_browser_says_it(tables: None) -> None:
    client = Client(headers={"accept-language": "de-AT,de;q=0.9"})
    assert '<html lang="de">' in client.get("/account/password/x/y/").content.decode()
    assert '<html lang="en">' in Client().get("/account/password/x/y/?language=xx").content.decode()


# --- The demo shop ------------------------------------------------------------------------------
def log_in(client: Client, email: str = IDA, password: str = OLD) -> Any:
    return client.post("/account/", {"email": email, "password": password})


def test_customers_log_in_and_out(ida: Account) -> None:
    client = Client()
    assert "Log in" in client.get("/account/").content.decode()
    assert log_in(client, "Ida@Example.com ").status_code == 302
    assert "Hello Ida Holm" in client.get("/account/").content.decode()
    assert client.get("/account/logout/").status_code == 405
    client.post("/account/logout/")
    assert "Hello Ida Holm" not in client.get("/account/").content.decode()


def test_a_customer_is_no_user_of_svar(ida: Account) -> None:
    client = Client()
    log_in(client)
    assert client.get("/admin/").status_code == 302
    assert client.get("/inbox/").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"), [(IDA, "wrong"), ("nobody@x.example", OLD), ("", "")]
)
def test_a_wrong_login_says_the_same_for_all(ida: Account, email: str, password: str) -> None:
    refused = log_in(Client(), email, password)
    assert refused.status_code == 403
    assert "The email or the password is not right." in refused.content.decode()


def test_guessing_is_slowed_down(ida: Account) -> None:
    client = Client()
    for _time in range(8):
        log_in(client, password="wrong")
    assert "Too many attempts" in log_in(client).content.decode()
    assert log_in(Client(REMOTE_ADDR="10.0.0.9")).status_code == 302  # somebody else is not locked


def test_a_new_password_ends_logins_with_the_old_one(ida: Account) -> None:
    client = Client()
    log_in(client)
    services.set_password(account=ida, password=NEW)
    assert "Hello" not in client.get("/account/").content.decode()


def test_a_switched_off_account_is_logged_out(ida: Account) -> None:
    client = Client()
    log_in(client)
    services.save_account(email=IDA, is_active=False)
    assert "Hello" not in client.get("/account/").content.decode()
    assert log_in(Client()).status_code == 403


@pytest.mark.parametrize("path", ["/", "/shop/hede/", "/account/"])
def test_the_chat_is_told_who_is_logged_in(ida: Account, path: str) -> None:
    secret = Channel.objects.create(key="lund-og-lyng", name="Shop").identity_secret
    client = Client()
    assert 'data-identity=""' in client.get(path).content.decode()
    log_in(client)
    response = client.get(path)
    found = re.search(r'data-identity="([^"]+)"', response.content.decode())
    assert found is not None
    told = jwt.decode(found[1], secret, algorithms=["HS256"])
    assert (told["sub"], told["email"], told["name"]) == (str(ida.pk), IDA, "Ida Holm")
    assert told["exp"] - told["iat"] == 15 * 60
    assert abs(told["iat"] - timezone.now().timestamp()) < 60
    assert "no-store" in response["Cache-Control"]


def test_without_a_secret_the_chat_is_told_nothing(ida: Account) -> None:
    Channel.objects.create(key="lund-og-lyng", name="Shop", identity_secret="")
    assert demo_account.identity_of(ida) == ""


# --- Mails kept as files ------------------------------------------------------------------------
def send(
    text: str, *, subject: str = "Your label", attach: tuple[str, bytes, str] | None = None
) -> None:
    message = EmailMessage(subject, text, to=[IDA])
    if attach:
        message.attach(*attach)
    message.send()


def test_kept_mails_are_shown_with_links_to_ourselves_alone(tables: None) -> None:
    evil = "<script>alert(1)</script> http://evil.example/ http://127.0.0.1:8000.evil.example/a "
    send(f"{evil}{HERE}/account/password/MQ/abc-1/?language=da&x=<b>. Also {HERE}@evil.example/")
    page = Client().get("/mail/").content.decode()
    assert "<script>alert" not in page
    links = re.findall(r'<a href="(http[^"]*)"', page)
    assert links == [f"{HERE}/account/password/MQ/abc-1/?language=da&amp;x="]


def test_an_empty_mailbox_says_so(tables: None) -> None:
    assert "None yet." in Client().get("/mail/").content.decode()


def test_attachments_can_be_downloaded(tables: None) -> None:
    send("here", attach=('R-1 "ø/../x.pdf', b"%PDF-1.7 label", "application/pdf"))
    send("and", attach=("page.html", b"<script>1</script>", "text/html"))
    client = Client()
    links = re.findall(r'href="(/mail/[^"]+)" download', client.get("/mail/").content.decode())
    assert len(links) == 2
    pages = {response["Content-Type"]: response for response in map(client.get, links)}
    assert pages["application/pdf"].content == b"%PDF-1.7 label"
    assert pages["application/octet-stream"].content == b"<script>1</script>"
    for response in pages.values():
        assert re.fullmatch(r'attachment; filename="[\w.-]+"', response["Content-Disposition"])
        assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        *("/mail/none.log/0/0/", "/mail/..%2Fsecret_key/0/0/", "/mail/%2e%2e/0/0/"),
        *("/mail/a.log/9/0/", "/mail/a.log/0/9/", "/mail/a%00.log/0/0/"),
    ],
)
def test_nothing_but_attachments_can_be_read(settings: Any, path: str) -> None:
    folder = Path(settings.EMAIL_FILE_PATH)
    folder.mkdir()
    (folder / "a.log").write_bytes(b"Subject: x\n\nhello\n" + b"-" * 79 + b"\n")
    (folder.parent / "secret_key").write_text("secret")
    assert Client().get(path).status_code == 404


def test_where_mail_is_sent_there_is_no_mailbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert Client().get("/mail/").status_code == 404
    assert Client().get("/mail/a.log/0/0/").status_code == 404


@pytest.mark.parametrize("language", ["en", "da", "sv", "de"])
@pytest.mark.parametrize("path", ["/", "/shop/hede/", "/account/", "/mail/"])
def test_the_shop_speaks_four_languages(tables: None, path: str, language: str) -> None:
    page = Client().get(path, {"lang": language}).content.decode()
    assert f'<html lang="{language}">' in page
