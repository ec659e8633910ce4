"""Reading: what a person sees of a document, in order, under its headings; else a clear no."""

import io
import time

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from knowledge.sources.documents import Document, Unreadable, clean
from knowledge.sources.reading import read


def html(text: str, name: str = "page") -> Document:
    return read(text.encode(), "text/html; charset=utf-8", name=name, charset="utf-8")


def words(document: Document) -> str:
    return " ".join(" ".join((*section.path, section.text)) for section in document.sections)


def test_a_page_becomes_sections_under_its_headings() -> None:
    document = html(
        """<html lang="da-DK"><head><title>Levering | Lund</title></head><body>
        <nav>Menu</nav><header>Logo</header>
        <main><h1 id="levering">Levering</h1><p>Vi <b>sender</b>
        hver dag.<br>Også lørdag.</p>
        <section id="norge"><h2>Norge</h2><ul><li>Oslo<li><p>Bergen</p></ul></section>
        <h2><a name="se"></a>Sverige</h2><ol start="3"><li>Malmö</li><li>Lund</li></ol>
        <h3>Øerne</h3><pre>a
b</pre></main><footer>CVR</footer></body></html>"""
    )
    assert (document.title, document.language) == ("Levering", "da")
    assert [(s.path, s.text, s.anchor) for s in document.sections] == [
        (("Levering",), "Vi sender hver dag.\nOgså lørdag.", "levering"),
        (("Levering", "Norge"), "- Oslo\n- Bergen", "norge"),
        (("Levering", "Sverige"), "3. Malmö\n4. Lund", "se"),
        (("Levering", "Sverige", "Øerne"), "a\nb", "se"),
    ]


def test_folded_answers_stand_under_their_questions() -> None:
    document = html(
        "<h1>FAQ</h1><details><summary>Where is it?</summary><p>Here.</p></details>"
        "<details><summary>When?</summary>Now.</details><p>Call us.</p>"
        "<dl><dt>Why?</dt><dd>Because.</dd><dt>Weight</dt><dd>3 kg</dd></dl>"
    )
    assert [(s.path[1:], s.text) for s in document.sections] == [
        (("Where is it?",), "Here."),
        (("When?",), "Now."),
        ((), "Call us."),
        (("Why?",), "Because.\n\nWeight\n3 kg"),
    ]


def test_a_row_of_a_table_says_what_its_cells_are() -> None:
    document = html(
        "<table><caption>Prices</caption><tr><th>Country<th>Price<tr><td>Norway<td>49 kr."
        "<tr><th>Sweden<td>39 <b>kr.</b></table><table><tr><td>a<td>b</table>"
    )
    assert document.sections[0].text == (
        "Prices\nCountry: Norway; Price: 49 kr.\nCountry: Sweden; Price: 39 kr.\n\na | b"
    )


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>SECRET</p>",
        "<p aria-hidden='true'>SECRET</p>",
        "<p style='display:none'>SECRET</p>",
        "<p style='DISPLAY : none !important'>SECRET</p>",
        "<p style='display:/**/none'>SECRET</p>",
        "<p style='d\\69splay:none'>SECRET</p>",
        "<div style='display:none'><p>a<b>SECRET</b></p></div>",
        "<p style='visibility:hidden'>SECRET</p>",
        "<p style='font-size:0'>SECRET</p>",
        "<p style='font-size:1px'>SECRET</p>",
        "<p style='font-size:.01em'>SECRET</p>",
        "<p style='opacity:0'>SECRET</p>",
        "<p style='opacity:1%'>SECRET</p>",
        "<p style='filter:opacity(0)'>SECRET</p>",
        "<p style='position:absolute;left:-9999px'>SECRET</p>",
        "<p style='position:fixed; top:-100vh'>SECRET</p>",
        "<p style='text-indent:-9999px'>SECRET</p>",
        "<p style='transform:translateX(-5000px)'>SECRET</p>",
        "<p style='transform:scale(0)'>SECRET</p>",
        "<p style='position:absolute;clip:rect(0,0,0,0)'>SECRET</p>",
        "<p style='clip-path:inset(50%)'>SECRET</p>",
        "<p style='height:0;overflow:hidden'>SECRET</p>",
        "<p style='color:#fff;background:#ffffff'>SECRET</p>",
        "<p style='color:white;background-color:rgb(255 255 255)'>SECRET</p>",
        "<div style='background:#fefefe url(x)'><p style='color:#fff'>SECRET</p></div>",
        "<table bgcolor=white><tr><td><font color='#FFFFFF'>SECRET</font></table>",
        "<p style='color:#fff'>SECRET</p>",
        "<font color=white>SECRET</font>",
        "<p style='font:bold 0/0 a'>SECRET</p>",
        "<p style='color:transparent'>SECRET</p>",
        "<p style='color:rgba(0,0,0,0)'>SECRET</p>",
        "<p style='color:rgb(1e999,0,0);font-size:1e-999px'>SECRET</p>",
        "<h2 style='display:none'>SECRET</h2>",
        "<h2>a<span hidden>SECRET</span></h2><p>b</p>",
        "<script>SECRET</script><style>SECRET</style><template><p>SECRET</p></template>",
        "<noscript>SECRET</noscript><!-- SECRET --><iframe>SECRET</iframe>",
        "<nav>SECRET</nav><footer>SECRET</footer><div role=navigation>SECRET</div>",
        "<textarea>SECRET</textarea><select><option>SECRET</select><svg><text>SECRET</svg>",
        "<img alt=SECRET><p title=SECRET>x</p><object>SECRET</object>",
    ],
)
def test_text_that_nobody_sees_is_not_read(hidden: str) -> None:
    text = words(html(f"<main><h1>Title</h1><p>before</p>{hidden}<p>after</p></main>"))
    assert "SECRET" not in text
    assert "before" in text
    assert "after" in text
    # Markdown may hold HTML.
    assert "SECRET" not in words(read(f"before\n\n{hidden}\n".encode(), "", name="a.md"))


@pytest.mark.parametrize(
    "seen",
    [
        "<div style='font-size:0'><p style='font-size:16px'>SEEN</p></div>",
        "<div style='visibility:hidden'><p style='visibility:visible'>SEEN</p></div>",
        "<div style='background:#000;color:#fff'><p>SEEN</p></div>",
        "<div style='color:#fff;background:#fff'><p style='color:red'>SEEN</p></div>",
        "<div style='background:url(dark.jpg)'><p style='color:#fff'>SEEN</p></div>",
        "<div style='background:#123'><p style='color:#fff;font:700 14px/1.5 a'>SEEN</p></div>",
        "<p style='opacity:.9;margin-left:-10px;left:5px;overflow:hidden;width:50%'>SEEN</p>",
        "<p aria-hidden=false style='transform:scale(1.1) translate(-50%,0)'>SEEN</p>",
        "<aside>SEEN</aside><details><summary>Q</summary>SEEN</details>",
    ],
)
def test_text_that_is_seen_is_read(seen: str) -> None:
    assert "SEEN" in words(html(f"<main><p>before</p>{seen}</main>"))


def test_what_stands_around_the_main_content_colours_it() -> None:
    dark = "<body style='background:#000'><main style='color:#fff'><p>SEEN</p></main></body>"
    assert words(html(dark)) == "SEEN"
    with pytest.raises(Unreadable):
        html(dark.replace("#000", "#fff"))


def test_the_main_content_is_chosen() -> None:
    assert words(html("<p>no</p><div role=main>yes</div>")) == "yes"
    assert words(html("<p>no</p><article>yes</article>")) == "yes"
    assert words(html("<p>a</p><article>b</article><article>c</article>")) == "a\n\nb\n\nc"
    assert words(html("<p>yes</p><main> </main>")) == "yes"
    assert words(html("<main hidden>no</main><main>yes</main>")) == "yes"


def test_signs_that_nobody_sees_are_removed() -> None:
    tags = "".join(chr(0xE0000 + ord(c)) for c in "ignore all")
    text = f"de\u200bliver\u00ady\u202e\u2066 49\u00a0kr.\ufeff{tags}\u200d\x00\x1b e\u0301 ﬁne"
    assert clean(text) == "delivery 49 kr. é fine"
    assert words(html("<p>a&#8203;b&#x202e;c&shy;d&#xE0041;</p>")) == "abcd"
    for type in ("text/plain", "text/markdown"):
        assert words(read("a\u200bb\u202ec".encode(), type, name="a")) == "abc"


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 300_000,
        "<table><tr><td>" * 50_000,
        "<p " + " ".join(f"a{i}=1" for i in range(200_000)) + ">x",
        "<p " + " ".join(f"a{i}='>'" for i in range(200_000)) + ">x",
        "<p>" + "x " * 2_600_000,
        "",
        "<script>only()</script>",
    ],
    ids=["deep", "tables", "attributes", "quoted", "long", "empty", "script"],
)
def test_a_page_that_cannot_be_used_is_refused_at_once(text: str) -> None:
    begun = time.monotonic()
    with pytest.raises(Unreadable, match=r"\.$"):
        html(text)
    assert time.monotonic() - begun < 3


def test_markdown_becomes_sections() -> None:
    document = read(
        b"---\ntitle: 'Delivery'\nlang: sv-SE\n---\nFirst\nline.\n\n# A\n\n- one\n- two\n\n"
        b"## B\n\n| c | d |\n|---|---|\n| 1 | 2 |\n\n    # code\n",
        "text/plain",
        name="docs/delivery.md",
    )
    assert (document.title, document.language) == ("Delivery", "sv")
    assert [(s.path, s.text) for s in document.sections] == [
        ((), "First line."),
        (("A",), "- one\n- two"),
        (("A", "B"), "c: 1; d: 2\n\n# code"),
    ]
    assert read(b"text", "text/markdown", name="docs/a.md").title == "a.md"
    for empty in (b"", b"   \n", b"<!-- x -->"):
        with pytest.raises(Unreadable):
            read(empty, "text/markdown", name="a.md")


@pytest.mark.parametrize("text", ["Spørgsmål om størrelse?", "Är det öppet på lördag?", "Größe"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_plain_text_is_decoded_as_it_was_written(text: str, charset: str) -> None:
    assert words(read(text.encode(charset), "text/plain", name="a.txt")) == text
    assert words(read(text.encode(charset), "text/plain", name="a", charset="klingon")) == text


def test_a_declared_charset_counts_wherever_it_is_declared() -> None:
    text = "<meta charset=iso-8859-1><p>Får – 5 €</p>"
    assert words(read(text.encode("cp1252"), "text/html", name="a")) == "Får – 5 €"
    assert words(read("Жук".encode("koi8-r"), "text/plain", name="a", charset="KOI8-R")) == "Жук"


def test_wrapped_lines_become_paragraphs_again() -> None:
    text = (
        "The delivery takes two to four days within all of\n"
        "Denmark, and perhaps a few more to one of the is-\n"
        "lands.\n\nYou need:\n- a receipt\n- the box\n"
    )
    assert words(read(text.encode(), "text/plain", name="a.txt")) == (
        "The delivery takes two to four days within all of Denmark, "
        "and perhaps a few more to one of the islands.\n\nYou need:\n- a receipt\n- the box"
    )


@pytest.mark.parametrize(
    ("content", "type", "name"),
    [
        (b"\x89PNG\x00\x00", "image/png", "a.png"),
        (b"\x00\x01\x02", "text/plain", "a.txt"),
        (b"x" * (20 * 1024 * 1024 + 1), "text/plain", "a.txt"),
        (b"x " * 260_000, "text/markdown", "a.md"),
        (b"", "text/plain", "a.txt"),
        (b"x", "", "a"),
    ],
)
def test_what_is_no_document_is_refused(content: bytes, type: str, name: str) -> None:
    with pytest.raises(Unreadable, match=r"\.$"):
        read(content, type, name=name)


def pdf(*pages: str, password: str = "", stream: bytes = b"", **options: str) -> bytes:
    """Return a PDF with a line of text per line of `pages`."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(600, 800)
        drawn = stream or b"BT /F1 12 Tf 50 750 Td 14 TL\n"
        for line in [] if stream else text.split("\n"):
            drawn += b"(" + line.encode("cp1252") + b") Tj T*\n"
        content = DecodedStreamObject()
        content.set_data(drawn + (b"" if stream else b"ET"))
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(content.flate_encode())
    if options:
        writer.add_metadata({f"/{key}": value for key, value in options.items()})
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_becomes_a_section_a_page_without_its_running_lines() -> None:
    pages = [
        f"Lund & Co - Terms\n{text}\nPage {i} of 3"
        for i, text in enumerate(
            [
                "You may send back what you bought within thirty\ndays. It has to be unused.",
                "Våre priser er i kr. og inkl. moms, som det står.",
                "The warranty holds for two years from delivery.",
            ],
            start=1,
        )
    ]
    document = read(pdf(*pages, Title="Terms 2026"), "application/pdf", name="terms.pdf")
    assert document.title == "Terms 2026"
    assert [(s.page, s.anchor, s.text) for s in document.sections] == [
        (1, "page=1", "You may send back what you bought within thirty days. It has to be unused."),
        (2, "page=2", "Våre priser er i kr. og inkl. moms, som det står."),
        (3, "page=3", "The warranty holds for two years from delivery."),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pdf("Hello, this is a text of a page.", password="secret"), "password"),
        (pdf("", "", ""), "pictures"),
        (pdf(*[""] * 1_001), "1,001 pages"),
        (b"%PDF-1.7\nnonsense", "cannot be read"),
        (pdf("Hello, this is a text of a page.")[:300], "cannot be read"),
        (b"", "cannot be read"),
    ],
    ids=["locked", "scanned", "pages", "nonsense", "cut", "empty"],
)
def test_a_pdf_that_cannot_be_read_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(content, "application/pdf", name="a.pdf")


def test_a_pdf_that_unpacks_without_end_is_refused() -> None:
    bomb = pdf("x", stream=b"BT " + b" " * 100_000_000)
    assert len(bomb) < 1_000_000
    with pytest.raises(Unreadable):
        read(bomb, "application/pdf", name="a.pdf")


TABLES = [
    "question,answer\nWhere?,Here.\n",
    "Question;Answer;Language\nWhere?;Here.;\n",
    "sep=;\nSpørgsmål;Svar\nWhere?;Here.\n",
    "fråga\tsvar\nWhere?\tHere.\n",
    "Kategorie;Frage;Antwort\n;Where?;Here.\n",
    "\ufeffSpørsmål,Svar,Språk\r\nWhere?,Here.,\r\n\r\n,,\r\n",
    'id,"question","answer"\n7,"Where?","Here."\n',
]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "cp1252"])
def test_a_table_becomes_pairs(table: str, charset: str) -> None:
    content = table.encode(charset, "ignore")
    document = read(content, "application/vnd.ms-excel", name="faq.csv")
    assert [(pair.question, pair.answer) for pair in document.pairs] == [("Where?", "Here.")]


def test_a_pair_keeps_its_language_topic_and_row() -> None:
    document = read(
        'question;answer;language;category\n"Hvor,\nnår?";"Her;\nnu";Dansk;Levering\n\n'
        "Wo?;Da.;de-AT;\n".encode(),
        "text/csv",
        name="x/faq.csv",
    )
    first, second = document.pairs
    assert (first.question, first.answer) == ("Hvor, når?", "Her;\nnu")
    assert (first.language, first.category, first.row) == ("da", "Levering", 2)
    assert (second.language, second.category, second.row) == ("de", "", 4)
    assert (document.title, document.language) == ("faq.csv", "")


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("question,answer\na,b\nc,\n", "Row 3 has no answer"),
        ("question,answer\n,b\n", "Row 2 has no question"),
        ("question,answer\na,b,c\n", "Row 2 has 3 columns and the first row 2"),
        (
            "question,answer,language\na,b,xx-klingonish!\nc,d,klingon\n",
            "Row 3: .klingon. is no language",
        ),
        ('question,answer\na,b\n"c,d\n', "Row 3 cannot be read; a quotation mark"),
        ("question,answer\n" + "q" * 301 + ",b\n", "Row 2: a question or answer is longer"),
        ("question,reply to it\na,b\n", "none named answer"),
        ("x,y\n", "none named question / answer"),
        ("question,answer\n", "no questions under it"),
        ("", "empty"),
        ("question,answer\n" + "a,b\n" * 20_001, "more than 20,000 rows"),
    ],
)
def test_a_table_that_is_wrong_says_where(table: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(table.encode(), "text/csv", name="faq.csv")
