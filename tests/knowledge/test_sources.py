"""Sources: what was uploaded or stands on a page answers in its own words, with its place."""

import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.knowledge.house import House
from tests.knowledge.sources.test_reading import pdf
from tests.knowledge.sources.web import page, redirect
from tests.world import Agent, manage, wait_for

MARKDOWN = """# Showroom guide

## Guided tours
Guided tours of the showroom start every Saturday at 11:00. They take about an hour and cost
nothing. Dogs have to wait outside. The tour ends in the café.

## Piano evenings
Once a month somebody plays the Petrof. Tickets cost 90 kr and include a glass of wine.
"""
HTML = """<html lang="en"><head><title>Weaving</title></head><body><nav>Shop</nav><main>
<h1>Weaving</h1>
<h2 id="beginners">Beginners' course</h2>
<p>The beginners' course runs for six Tuesdays. It starts at 18:30. You weave a <b>scarf</b>.</p>
<h2 id="looms">Renting a loom</h2>
<p>A loom can be rented for {price} kr a month. We bring it to your door &amp; set it up.</p>
</main></body></html>"""
CSV = (
    "spørgsmål;svar\n"
    "Sliber I køkkenknive?;Ja, vi sliber knive om torsdagen. Det koster 40 kr pr. kniv.\n"
    "Kan man låne en stige?;Stiger udlånes i tre dage mod et depositum på 200 kr.\n"
)
PDF = pdf(
    "The workshop repairs lamps that were bought from us.\nA repair takes about two weeks. It "
    "costs 150 kr for the hour.",
    "Candles are poured by hand on Samsø. They burn for forty hours.\nKeep them out of the sun.",
    Title="Handbook",
)


@pytest.mark.parametrize(
    ("name", "content", "language", "question", "said", "title"),
    [
        (
            "Værksted.csv",
            CSV.encode("cp1252"),
            "da",
            "Sliber I knive?",
            "Ja, vi sliber knive om torsdagen. Det koster 40 kr pr. kniv.",
            "Værksted › Sliber I køkkenknive?",
        ),
        (
            "guide.md",
            MARKDOWN.encode(),
            "en",
            "When do the guided tours start?",
            "Guided tours of the showroom start every Saturday at 11:00.",
            "guide › Showroom guide › Guided tours",
        ),
        (
            "Handbook.PDF",
            PDF,
            "en",
            "How long does a lamp repair take?",
            "A repair takes about two weeks.",
            "Handbook › page 1",
        ),
        (
            "weaving.html",
            HTML.format(price=300).encode(),
            "en",
            "When does the beginners' course start?",
            "It starts at 18:30.",
            "weaving › Weaving › Beginners' course",
        ),
    ],
    ids=["csv", "markdown", "pdf", "html"],
)
def test_a_document_answers_with_its_words_and_its_place(  # noqa: PLR0917
    name: str, content: bytes, language: str, question: str, said: str, title: str, house: House
) -> None:
    house.added(upload=(name, content))
    reply = house.answer(question, language)
    assert said in reply["text"]
    assert len(reply["text"]) < 250
    assert [(c["title"], c["url"]) for c in reply["citations"]] == [(title, None)]


def test_a_page_answers_with_a_link_to_the_place(house: House) -> None:
    content = HTML.format(price="<script>x</script>300")
    house.web.pages["/weaving"] = page(content.encode(), "text/html; charset=utf-8")
    house.added(url=f"{house.web.url}/weaving#top", name="Courses")
    reply = house.answer("Can I rent a loom?")
    assert "A loom can be rented for 300 kr a month." in reply["text"]
    assert reply["html"].startswith("<blockquote><p>A loom can be rented")
    (citation,) = reply["citations"]
    assert citation["url"] == f"{house.web.url}/weaving#looms"
    assert citation["title"] == "Courses › Weaving › Renting a loom"
    listed = house.admin.http.get("/admin/knowledge/source/").text
    assert "Courses" in listed
    pk = house.rows("SELECT id FROM knowledge_source")[0][0]
    shown = house.admin.http.get(f"/admin/knowledge/source/{pk}/change/").text
    assert "We bring it to your door &amp; set it up." in shown


def test_text_of_a_page_is_never_html(house: House) -> None:
    content = (
        b"<h2>Strange bell</h2><p>The strange bell is written &lt;img src=x onerror=y&gt;.</p>"
    )
    house.web.pages["/bell"] = page(content)
    house.added(url=f"{house.web.url}/bell", name="<b>Bells</b>")
    reply = house.answer("How is the strange bell written?")
    assert "<img" not in reply["html"]
    assert "&lt;img src=x onerror=y&gt;" in reply["html"]
    pk = house.rows("SELECT id FROM knowledge_source")[0][0]
    shown = house.admin.http.get(f"/admin/knowledge/source/{pk}/change/").text
    assert "<img src=x" not in shown
    assert "<b>Bells" not in shown


def test_only_what_changed_on_a_page_is_embedded_again(house: House) -> None:
    web = house.web
    web.pages["/weaving"] = page(HTML.format(price=300).encode(), ETag='"1"')
    pk = house.added(url=f"{web.url}/weaving")
    before, embedded = house.passages(pk), house.embedded()

    web.pages["/weaving"] = page(b"", status=304, ETag='"1"')
    house.read_again(pk)
    assert web.asked[-1][1]["if-none-match"] == '"1"'
    web.pages["/weaving"] = page(HTML.format(price=300).encode(), ETag='"2"')
    house.read_again(pk)
    assert (house.passages(pk), house.embedded()) == (before, embedded)

    web.pages["/weaving"] = page(HTML.format(price=350).encode(), ETag='"3"')
    house.read_again(pk)
    after = house.passages(pk)
    assert [text for pk, text in after.items() if pk not in before] == [
        "A loom can be rented for 350 kr a month. We bring it to your door & set it up."
    ]
    assert len(after.keys() & before.keys()) == len(before) - 1
    assert house.embedded() == embedded + 2  # the passage, and its changed sentence
    wait_for(lambda: "350 kr" in house.ask("Can I rent a loom?")["text"])


def test_a_page_is_read_again_when_its_time_has_come(house: House) -> None:
    web = house.web
    web.pages["/weaving"] = page(HTML.format(price=300).encode())
    pk = house.added(url=f"{web.url}/weaving", recrawl_hours="6")
    hours = "SELECT round((julianday(next_at) - julianday(read_at)) * 24) FROM knowledge_source"
    assert house.rows(hours) == [(6.0,)]
    web.pages["/weaving"] = page(HTML.format(price=320).encode())
    for state in ("ready", "reading"):  # a crash while it was read leaves it so
        web.asked.clear()
        house.due(pk, state)
        wait_for(lambda: web.asked and house.state(pk)[0] == "ready")
    assert any("320 kr" in text for text in house.passages(pk).values())


def test_a_server_that_fails_is_asked_again_and_its_failure_is_shown(house: House) -> None:
    web = house.web
    web.pages["/weaving"] = page(b"", status=503)
    house.add(url=f"{web.url}/weaving", name="Courses")
    pk = house.rows("SELECT id FROM knowledge_source")[0][0]
    wait_for(lambda: house.state(pk)[0] == "failed")
    wait_for(lambda: sum(path == "/weaving" for path, _ in web.asked) >= 3)
    assert (
        "The site answered with HTTP 503."
        in house.admin.http.get(f"/admin/knowledge/source/{pk}/change/").text
    )
    web.pages["/weaving"] = page(HTML.format(price=300).encode())
    house.read(pk)
    assert house.state(pk) == ("ready", "{}")
    assert house.answer("Can I rent a loom?")["citations"]


def test_a_page_that_is_gone_twice_is_taken_out_and_told(house: House) -> None:
    house.web.pages["/weaving"] = page(HTML.format(price=300).encode())
    pk = house.added(url=f"{house.web.url}/weaving", name="Courses")
    house.answer("Can I rent a loom?")
    house.web.pages["/weaving"] = page(b"", status=410)
    house.act("read_again", pk)
    wait_for(lambda: house.state(pk)[0] == "failed")
    assert house.passages(pk)
    wait_for(lambda: not house.passages(pk))
    assert not house.ask("Can I rent a loom?")["citations"]
    assert (
        "The page was taken away (HTTP 410)."
        in house.admin.http.get("/admin/knowledge/source/").text
    )
    house.web.pages["/weaving"] = page(HTML.format(price=300).encode())
    house.read_again(pk)
    assert house.answer("Can I rent a loom?")["citations"]


def test_deleting_a_source_removes_its_passages_and_its_file_at_once(house: House) -> None:
    pk = house.added(upload=("guide.md", MARKDOWN.encode()))
    house.answer("When do the guided tours start?")
    (file,) = (house.server.data / "sources").iterdir()
    assert (file.suffix, file.stat().st_mode & 0o777) == (".md", 0o600)
    assert "guide" not in file.name
    house.post(f"/admin/knowledge/source/{pk}/delete/", post="yes")
    assert not house.ask("When do the guided tours start?")["citations"]
    assert not file.exists()
    assert not house.rows("SELECT 1 FROM knowledge_passage")
    wait_for(lambda: not house.rows("SELECT 1 FROM knowledge_removedtext"))


def test_what_is_deleted_while_it_is_read_leaves_nothing(house: House) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        assert go_on.wait(10)
        page(HTML.format(price=300).encode())(request)

    house.web.pages.update({"/slow": slow, "/weaving": page(HTML.format(price=310).encode())})
    house.add(url=f"{house.web.url}/slow")
    assert asked.wait(10)
    house.forget()
    go_on.set()
    house.added(url=f"{house.web.url}/weaving")  # read after the other, one at a time
    assert not any("300 kr" in text for (text,) in house.rows("SELECT text FROM knowledge_passage"))


def test_what_is_edited_while_it_is_read_is_read_again(house: House) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        assert go_on.wait(10)
        page(HTML.format(price=300).encode())(request)

    house.web.pages["/slow"] = slow
    house.add(url=f"{house.web.url}/slow")
    pk = house.rows("SELECT id FROM knowledge_source")[0][0]
    assert asked.wait(10)
    house.act("read_again", pk)
    house.web.pages["/slow"] = page(HTML.format(price=310).encode())
    go_on.set()
    house.read(pk)
    assert [text for text in house.passages(pk).values() if "310 kr" in text]


def test_a_paused_source_answers_nobody_and_used_again_it_embeds_nothing(house: House) -> None:
    pk = house.added(upload=("guide.md", MARKDOWN.encode()))
    house.answer("When do the guided tours start?")
    embedded = house.embedded()
    house.act("pause", pk)
    assert not house.ask("When do the guided tours start?")["citations"]
    wait_for(lambda: house.rows("SELECT indexed_ids FROM knowledge_source") == [("[]",)])
    house.act("resume", pk)
    house.answer("When do the guided tours start?")
    assert house.embedded() == embedded


def test_a_new_file_takes_the_place_of_the_old_one(house: House) -> None:
    pk = house.added(upload=("guide.md", MARKDOWN.encode()), name="Guide")
    before = house.passages(pk)
    house.post(
        f"/admin/knowledge/source/{pk}/change/",
        files={"upload": ("guide2.md", MARKDOWN.replace("11:00", "10:30").encode())},
        name="Guide",
        category=house.category,
        language="",
        **{
            f"passages-{name}_FORMS": number
            for name, number in (("TOTAL", 0), ("INITIAL", 0), ("MIN_NUM", 0), ("MAX_NUM", 0))
        },
    )
    wait_for(lambda: any("10:30" in text for text in house.passages(pk).values()))
    assert len(house.passages(pk).keys() & before.keys()) == 1
    assert len(list((house.server.data / "sources").iterdir())) == 1


def test_a_rebuilt_index_has_the_sources_too(house: House) -> None:
    house.added(upload=("guide.md", MARKDOWN.encode()))
    embedded = house.embedded()
    manage("reindex", data=house.server.data)
    assert house.answer("When do the guided tours start?")["citations"]
    assert house.embedded() == embedded


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"url": "http://10.0.0.7/intranet"}, "The host 10.0.0.7 is in a private network"),
        ({"url": "http://169.254.169.254/latest/meta-data"}, "is in a private network"),
        ({"url": "http://localhost/"}, "is in a private network"),
        ({"url": "http://8.8.8.8:8080/"}, "Port 8080 is not among those"),
        ({"url": "ftp://example.com/a"}, "begin with http:// or https://"),
        ({"url": "not an address"}, "Enter a valid URL."),
        ({"upload": ("run.exe", b"MZ")}, "only HTML, Markdown, PDF, text and CSV can be read"),
        ({"upload": ("a.csv", b"question,answer\nHow?,So.\nWhy?,\n")}, "Row 3 has no answer."),
        ({"upload": ("a.csv", b"name,price\nlamp,3\n")}, "none named question / answer"),
        ({"upload": ("a.pdf", b"PK\x03\x04")}, "The PDF is damaged"),
        ({"upload": ("a.txt", b"\x00\x01\x02" * 100)}, "holds no text"),
        ({"upload": ("a.txt", b"a" * (20 * 1024**2 + 1))}, "is larger than 20 MB"),
        ({"upload": ("a.txt", b"Hello."), "url": "http://8.8.8.8/"}, "not both"),
        ({}, "Give the address of a web page, or a file."),
    ],
)
def test_what_cannot_be_a_source_is_refused_with_the_reason(
    form: dict[str, Any], reason: str, house: House
) -> None:
    said = house.add(**form)
    assert reason in said.replace("&#x27;", "'")
    assert not house.rows("SELECT 1 FROM knowledge_source")


def test_the_same_page_is_not_added_twice(house: House) -> None:
    house.web.pages["/weaving"] = page(HTML.format(price=300).encode())
    house.added(url=f"{house.web.url}/weaving")
    assert "This page is a source already." in house.add(url=f"{house.web.url}/weaving#looms")


def test_a_redirect_into_a_private_network_is_not_followed(house: House) -> None:
    house.web.pages["/weaving"] = redirect("http://169.254.169.254/latest/meta-data")
    house.add(url=f"{house.web.url}/weaving")
    pk = house.rows("SELECT id FROM knowledge_source")[0][0]
    wait_for(lambda: house.state(pk)[0] == "failed")
    assert "private network" in house.state(pk)[1]
    assert not house.passages(pk)


def test_only_who_may_adds_sources(house: House) -> None:
    mette = Agent(house.server, "mette")
    answer = mette.http.get("/admin/knowledge/source/add/")
    mette.close()
    assert answer.status_code in (302, 403)
