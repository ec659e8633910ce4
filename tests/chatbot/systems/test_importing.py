"""Files of orders, products and accounts, as spreadsheets and shops write them."""

import re
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from chatbot.systems import services
from chatbot.systems.embedded import EmbeddedOrders, EmbeddedStock
from chatbot.systems.importing import MOST_BYTES, Outcome, take_over
from chatbot.systems.models import Account, ShopOrder, ShopProduct, ShopVariant
from chatbot.systems.ports import OrderState, Ticket
from tests.chatbot.systems.database import Client, database_in, empty_tables

ORDERS = """\
number;email;name;language;country;placed_on;state;delivered_on;article;article_name;quantity;\
returnable;carrier;parcel
10482;Sofie@Krag.example;Sofie Krag;DA;dk;31.05.2026;leveret;02/06/2026;HEDE;Hede, mos;2;;GLS;5041
10482;;;;;;;;KORT;Gavekort;1;nej;;
10483;jöns@example.com;Jöns Ek;sv;SE;2026-06-01 09:30;Skickad;;FYR;Fyr bordslampa;;ja;PostNord;0037
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with database_in(tmp_path_factory.mktemp("systems")):
        yield


@pytest.fixture(autouse=True)
def tables(database: None) -> Iterator[None]:
    yield
    empty_tables()


def counted(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.created, outcome.changed, outcome.skipped


def orders(text: str, **options: Any) -> Outcome:
    return take_over(kind="orders", content=text.encode(), **options)


def test_takes_orders_over_with_their_lines_and_parcels() -> None:
    outcome = orders(ORDERS.replace("jöns@", "jons@"))
    assert outcome.troubles == []
    assert counted(outcome) == (2, 0, 0)
    found = EmbeddedOrders().find("10482")
    assert found is not None
    assert (found.email, found.name, found.language, found.country) == (
        "sofie@krag.example",
        "Sofie Krag",
        "da",
        "DK",
    )
    assert (found.placed_on, found.delivered_on) == (date(2026, 5, 31), date(2026, 6, 2))
    assert found.state is OrderState.DELIVERED
    assert [(line.number, line.quantity, line.is_returnable) for line in found.lines] == [
        ("HEDE", 2, True),
        ("KORT", 1, False),
    ]
    assert [(parcel.carrier, parcel.number) for parcel in found.shipments] == [("GLS", "5041")]


def test_the_same_file_again_changes_nothing_but_what_it_says() -> None:
    text = ORDERS.replace("jöns@", "jons@")
    orders(text)
    outcome = orders(text.replace("Skickad", "levererad"))
    assert counted(outcome) == (0, 2, 0)
    found = EmbeddedOrders().find("10482")
    assert found is not None
    assert (len(found.lines), len(found.shipments)) == (2, 1)
    assert ShopOrder.objects.get(number="10483").state == "delivered"


def test_an_empty_cell_or_a_missing_column_leaves_what_is_there() -> None:
    orders(ORDERS.replace("jöns@", "jons@"))
    outcome = orders("number,state,name\n#10482,returneret,\n")
    assert counted(outcome) == (0, 1, 0)
    row = ShopOrder.objects.get(number="10482")
    assert (row.state, row.name, row.email) == ("returned", "Sofie Krag", "sofie@krag.example")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_takes_files_as_spreadsheets_save_them(encoding: str, separator: str, newline: str) -> None:
    text = "email;name\nsoren@example.com;Søren Åkjær\nute@example.com;Ute Müßig\n"
    content = text.replace(";", separator).replace("\n", newline).encode(encoding)
    assert counted(take_over(kind="accounts", content=content)) == (2, 0, 0)
    assert list(Account.objects.values_list("name", flat=True)) == ["Søren Åkjær", "Ute Müßig"]


@pytest.mark.parametrize(
    ("written", "state"),
    [
        *(("modtaget", "received"), ("Eingegangen", "received"), ("NEW", "received")),
        *(("pakkes", "packing"), ("packas", "packing"), ("In Bearbeitung", "packing")),
        *(("afsendt", "sent"), ("skickad", "sent"), ("versandt", "sent"), ("shipped", "sent")),
        *(("klar til afhentning", "ready"), ("Abholbereit", "ready"), ("hos ombud", "ready")),
        *(("leveret", "delivered"), ("levererad", "delivered"), ("zugestellt", "delivered")),
        *(("annulleret", "cancelled"), ("avbeställd", "cancelled"), ("storniert", "cancelled")),
        *(("returneret", "returned"), ("returnerad", "returned"), ("retourniert", "returned")),
    ],
)
def test_understands_states_in_four_languages(written: str, state: str) -> None:
    orders(f"number,email,placed_on,state\n1,a@b.example,2026-05-01,{written}\n")
    assert ShopOrder.objects.get().state == state


def test_tells_all_that_is_wrong_by_its_line_and_keeps_the_rest() -> None:
    outcome = orders(
        "number,email,placed_on,state,article,quantity,returnable,parcel_url,parcel\n"
        '1,a@b.example,2026-05-01,sent,"A,\nB",1,yes,,\n'
        "2,nobody,31.02.2026,lost,A,-1,maybe,,\n"
        "3,a@b.example,2026-05-01,sent,A,1,,,\n"
        "3,,,,B,two,,,\n"
        ",a@b.example,,,,,,,\n"
        "\n"
        "5,nobody,2026-05-01,sent,,,,,\n"
        "6,a@b.example,2026-05-01,sent,,,,javascript:alert(1),P\n"
        "7,a@b.example,,sent,,,,,\n"
        "8,a@b.example,2026-05-01,sent,A,1,,,,more\n"
        "9,a@b.example,1-5-26,sent,A,1,,,\n"
    )
    assert counted(outcome) == (1, 0, 8)
    assert [row.number for row in ShopOrder.objects.all()] == ["1"]
    by_line: dict[int, list[str]] = {}
    for trouble in outcome.troubles:
        by_line.setdefault(trouble.line, []).append(trouble.text.partition(":")[0])
    assert by_line[4] == ["placed_on", "state", "quantity", "returnable"]
    assert by_line[6] == ["quantity"]
    assert by_line[7] == ["The column “number” is empty."]
    assert by_line[9] == ["email"]
    assert by_line[10] == ["carrier", "url"]
    assert by_line[11] == ["placed_on"]
    assert by_line[12] == ["There are more cells than columns."]
    assert by_line[13] == ["placed_on"]
    assert set(by_line) == {4, 6, 7, 9, 10, 11, 12, 13}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The first line must name the columns"),
        (b"\n\n", "The first line must name the columns"),
        (b"email,name\na@b.example,A\n", "“number” is missing"),
        (b"number,price\n1,2\n", "not known or named twice: price"),
        (b"number,email,email\n1,2,3\n", "not known or named twice: email"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "The first line must name the columns"),
        (b'number\n"' + b"x" * 200_000, "Line 2 cannot be read."),
        (b"number\n" + b"1\n" * (MOST_BYTES // 2), "The file is larger than 10 MB."),
    ],
)
def test_says_why_a_file_is_none_of_ours(content: bytes, told: str) -> None:
    outcome = take_over(kind="orders", content=content)
    assert [(trouble.line, told in trouble.text) for trouble in outcome.troubles] == [(1, True)]
    assert ShopOrder.objects.count() == 0


def test_a_dry_run_counts_and_keeps_nothing() -> None:
    text = ORDERS.replace("jöns@", "jons@")
    assert counted(orders(text, dry_run=True)) == (2, 0, 0)
    assert ShopOrder.objects.count() == 0
    orders(text)
    assert counted(orders(text.replace("Sofie Krag", "S."), dry_run=True)) == (0, 2, 0)
    assert ShopOrder.objects.get(number="10482").name == "Sofie Krag"


def test_takes_products_over_with_their_variants() -> None:
    content = (
        b"number,name_en,name_da,also,article,variant_en,variant_da,available,back_on\n"
        b"HEDE,Hede blanket,Hede uldplaid,throw,HEDE-MOSS,Moss,Mos,14,\n"
        b"HEDE,,,,HEDE-HEATHER,Heather,Lyng,0,2026-12-24\n"
    )
    assert counted(take_over(kind="products", content=content)) == (1, 0, 0)
    (found,) = EmbeddedStock().search("throw", "da")
    assert found.name == "Hede uldplaid"
    assert [(each.name, each.available, each.back_on) for each in found.variants] == [
        ("Mos", 14, None),
        ("Lyng", 0, date(2026, 12, 24)),
    ]


def test_a_file_of_counts_alone_brings_stock_up_to_date() -> None:
    take_over(
        kind="products",
        content=b"number,name_en,article,available,back_on\nFYR,Fyr lamp,FYR-1,0,2026-12-24\n",
    )
    take_over(kind="products", content=b"number,article,available\nFYR,FYR-1,8\n")
    variant = ShopVariant.objects.get()
    assert (variant.available, ShopProduct.objects.get().names.get().name) == (8, "Fyr lamp")
    assert variant.back_on is None  # it is back


def test_accounts_come_without_passwords() -> None:
    content = b"email,name,active\nSofie@Krag.example,Sofie Krag,\nold@krag.example,,no\n"
    assert counted(take_over(kind="accounts", content=content)) == (2, 0, 0)
    account = Account.objects.get(email="sofie@krag.example")
    assert not account.has_usable_password()
    assert account.is_active
    assert not Account.objects.get(email="old@krag.example").is_active
    account.set_password("kept")
    account.save()
    take_over(kind="accounts", content=b"email,name\nsofie@krag.example,S. Krag\n")
    account.refresh_from_db()
    assert (account.name, account.check_password("kept")) == ("S. Krag", True)


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("email,name\na@b.example,A\n")
    said = StringIO()
    call_command("import_shop", "accounts", str(file), "--dry-run", stdout=said)
    assert said.getvalue() == "Would be: 1 new, 0 changed, 0 skipped.\n"
    call_command("import_shop", "accounts", str(file), stdout=said)
    assert said.getvalue().endswith("\n1 new, 0 changed, 0 skipped.\n")
    file.write_text("email\nnobody\n")
    wrong = StringIO()
    with pytest.raises(CommandError):
        call_command("import_shop", "accounts", str(file), stdout=said, stderr=wrong)
    assert "line 2: email" in wrong.getvalue()
    with pytest.raises(CommandError):
        call_command("import_shop", "accounts", str(tmp_path / "none.csv"))


# --- The admin's button -------------------------------------------------------------------------
@pytest.fixture
def pages(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def admin(pages: None) -> Iterator[Client]:
    user = User.objects.create_superuser("owner", password="svar-demo")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    yield client
    user.delete()


def test_the_button_checks_first_and_then_takes_over(admin: Client) -> None:
    shown = admin.get("/admin/systems/shoporder/").content.decode()
    assert "Import CSV" in shown
    for dry, kept in (("on", 0), ("", 1)):
        file = SimpleUploadedFile(
            "o.csv", b"number,email,placed_on\n1,a@b.example,2026-05-01\n2,x,\n"
        )
        data = {"file": file, **({"dry_run": dry} if dry else {})}
        told = admin.post("/admin/systems/shoporder/import/", data).content.decode()
        assert "New: 1, changed: 0, skipped: 1" in told
        assert "email: Enter a valid email address." in told
        assert ShopOrder.objects.count() == kept


@pytest.mark.parametrize(
    "path",
    [
        *("shoporder", "shopproduct", "account", "return", "case"),
        *("shoporder/import", "shopproduct/import", "account/import"),
        *("shoporder/add", "shopproduct/add", "account/add"),
    ],
)
def test_every_page_opens(admin: Client, path: str) -> None:
    assert admin.get(f"/admin/systems/{path}/").status_code == 200


def test_who_may_only_look_cannot_import(pages: None) -> None:
    user = User.objects.create_user("looker", password="svar-demo", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_shoporder"))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert "Import CSV" not in client.get("/admin/systems/shoporder/").content.decode()
    assert client.get("/admin/systems/shoporder/import/").status_code == 403
    assert client.post("/admin/systems/shoporder/import/").status_code == 403
    user.delete()


def test_accounts_show_no_passwords(admin: Client) -> None:
    take_over(kind="accounts", content=b"email\na@b.example\n")
    account = Account.objects.get()
    account.set_password("a-good-one")
    account.save()
    shown = admin.get(f"/admin/systems/account/{account.pk}/change/").content.decode()
    assert "pbkdf2" not in shown
    assert 'name="password"' not in shown
    saved = admin.post(
        f"/admin/systems/account/{account.pk}/change/",
        {"email": "B@b.example", "name": "B", "is_active": "on"},
    )
    assert saved.status_code == 302
    account.refresh_from_db()
    assert (account.email, account.check_password("a-good-one")) == ("b@b.example", True)


def test_a_return_shows_its_label(admin: Client) -> None:
    orders("number,email,placed_on,state,article\n1,a@b.example,2026-05-01,delivered,A\n")
    order = EmbeddedOrders().find("1")
    assert order is not None
    announced = services.announce_return(order=order, lines=order.lines, key="k")
    page = f"/admin/systems/return/{announced.pk}/change/"
    shown = admin.get(page).content.decode()
    links = re.findall(r'href="([^"]*return/[^"]*label[^"]*)"', shown)
    assert links
    label = admin.get(links[0])
    assert (label["Content-Type"], label.content[:5]) == ("application/pdf", b"%PDF-")


def test_a_case_shows_what_was_collected(admin: Client) -> None:
    fact = ("Article", "<b>lamp</b>")
    ticket = Ticket("complaint", "Scratch", "It has one.", (fact,), "a@b.example", "en", 7)
    case = services.open_case(ticket=ticket, key="k")
    shown = admin.get(f"/admin/systems/case/{case.pk}/change/").content.decode()
    assert "Article: &lt;b&gt;lamp&lt;/b&gt;" in shown
    assert 'href="/inbox/c/7/"' in shown
