"""Chunking and quoting: passages that keep their place, and sentences word for word."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.sources.chunking import SIZE, chunks, compare
from knowledge.sources.documents import Document, Pair, Section
from knowledge.sources.quoting import Quote, best_sentences, sentences
from knowledge.sources.reading import read


def prose(count: int, word: str = "delivery") -> str:
    return " ".join(f"This is sentence {i} about {word}, approx. {i} days." for i in range(count))


def test_a_passage_says_where_it_stands() -> None:
    document = Document(
        "Help",
        "da",
        (
            Section(("Levering", "Norge"), "Vi sender.", anchor="norge"),
            Section((), "Side tre.", page=3, anchor="page=3"),
            Section(("Vilkår",), "Alt.", page=4),
        ),
    )
    made = chunks(document)
    assert [chunk.label for chunk in made] == ["Levering › Norge", "side 3", "Vilkår, side 4"]
    assert [chunk.position for chunk in made] == [0, 1, 2]
    assert made[0].embedded == "Help › Levering › Norge\nVi sender."
    assert (made[0].anchor, made[0].language, made[0].text) == ("norge", "da", "Vi sender.")
    assert len(made[0].digest) == 64


def test_long_sections_are_cut_between_sentences_and_nothing_is_lost() -> None:
    text = prose(20) + "\n\n" + prose(30, "returns")
    made = chunks(Document("Help", "en", (Section(("A",), text), Section(("B",), "Short."))))
    assert [chunk.path for chunk in made] == [("A",)] * (len(made) - 1) + [("B",)]
    assert all(len(chunk.text) <= SIZE for chunk in made)
    assert all(chunk.text.endswith("days.") for chunk in made[:-1])
    assert " ".join(chunk.text for chunk in made[:-1]).split() == text.split()
    assert all(chunk.text in text for chunk in made[:-1])


@given(st.text(alphabet="aB.!? \n1-", max_size=3_000))
def test_no_text_is_lost_or_too_long(text: str) -> None:
    made = chunks(Document("T", "", (Section((), text),)))
    assert all(len(chunk.text) <= SIZE for chunk in made)
    if len({chunk.digest for chunk in made}) == len(made) and len(text) <= SIZE:
        assert "".join("".join(chunk.text for chunk in made).split()) == "".join(text.split())


def test_a_pair_is_one_passage_whatever_its_length() -> None:
    pair = Pair("Where?", prose(50), "sv", "Delivery", 7)
    [made] = chunks(Document("faq.csv", "", pairs=(pair,)))
    assert (made.question, made.label, made.language) == ("Where?", "Where?", "sv")
    assert (made.text, made.path) == (pair.answer, ("Delivery", "Where?"))
    assert made.embedded.startswith("Where?\nThis is")


def test_only_what_changed_is_embedded_again() -> None:
    def crawl(second: str, *more: str) -> Document:
        parts = ["First text.", second, "Third text.", *more]
        return read(
            "".join(f"<h2>{i}</h2><p>{p}</p>" for i, p in enumerate(parts)).encode(),
            "text/html",
            name="page",
        )

    old = chunks(crawl("Second text."))
    new = chunks(crawl("Second text, changed.", "Fourth."))
    changes = compare([chunk.digest for chunk in old], new)
    assert [chunk.text for chunk in changes.added] == ["Second text, changed.", "Fourth."]
    assert changes.removed == (old[1].digest,)
    assert [chunk.text for chunk in changes.kept] == ["First text.", "Third text."]
    same = compare(
        [chunk.digest for chunk in new], chunks(crawl("Second text, changed.", "Fourth."))
    )
    assert (same.added, same.removed) == ((), ())


def test_what_stands_twice_comes_once() -> None:
    section = Section(("A",), "Same.")
    made = chunks(Document("T", "", (section, section, Section(("B",), "Same."))))
    assert [(chunk.path, chunk.position) for chunk in made] == [(("A",), 0), (("B",), 1)]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "da",
            [
                "Det koster 1.299,00 kr.",
                "Det tager ca. 3 dage, f.eks. til Aarhus.",
                "Vi lukker d. 3. december kl. 17.",
                "Ring på tlf. 70 10 20 30.",
            ],
        ),
        ("da", ["Se https://lund.dk/a.b?c=1.", "Skriv til hej@lund.dk.", "Er det nr. 5?", "Ja!"]),
        ("da", ["Bestil senest 24. dec. kl. 12.", "Så når vi det m.m.", "Tak."]),
        ("sv", ["Det tar t.ex. 2 dagar.", "Läs s. 4 o.s.v.", "Priset är 49 kr inkl. moms."]),
        (
            "de",
            [
                "Am 3. Dezember, z. B. im 2. Stock.",
                "Das kostet 49,00 Euro inkl. MwSt.",
                "Bis zum 14. Tag geht es.",
                "Dr. Müller hilft usw.",
                "Danach nicht.",
            ],
        ),
        ("en", ["No.", "We don't, e.g. No. 5.", "Ask Mr. J. Smith.", "It is 3.5 kg.", "Really?!"]),
        ("en", ['"Yes."', "(Indeed.)", "Wait… and see.", "Version 2.0 is out."]),
    ],
)
def test_sentences_end_where_they_end(language: str, expected: list[str]) -> None:
    assert [s.text for s in sentences(" ".join(expected), language)] == expected


def test_items_rows_and_paragraphs_are_sentences_and_wrapped_lines_are_not() -> None:
    text = "You need:\n- a receipt\n- the box. It\nmatters\n1. Open it\n\nA: b; C: d\nE: f\n---\n"
    assert [s.text for s in sentences(text)] == [
        *(
            "You need:",
            "- a receipt",
            "- the box.",
            "It\nmatters",
            "1. Open it",
            "A: b; C: d",
            "E: f",
        )
    ]


@given(st.text(alphabet="aB.!?… \n13-kr", max_size=300))
def test_sentences_stand_in_the_text_in_order(text: str) -> None:
    last = 0
    for sentence in sentences(text):
        assert sentence.start >= last
        assert text[sentence.start : sentence.end] == sentence.text
        last = sentence.end


def quote(text: str, scores: Sequence[float], question: str = "How?", **options: int) -> Quote:
    def score(given: Sequence[str]) -> Sequence[float]:
        assert len(given) == len(scores)
        return scores

    return best_sentences(question, text, score, **options)


FIVE = "One is here. Two is here. Three is here. Four is here. Five is here."


@pytest.mark.parametrize(
    ("scores", "most", "expected"),
    [
        ([0.9, 0.1, 0.1, 0.1, 0.1], 3, "One is here."),
        ([0.1, 0.1, 0.1, 0.1, 0.9], 3, "Five is here."),
        ([0.9, 0.88, 0.1, 0.1, 0.1], 3, "One is here. Two is here."),
        ([0.88, 0.1, 0.1, 0.1, 0.9], 3, "One is here. … Five is here."),
        ([0.9, 0.1, 0.88, 0.1, 0.1], 3, "One is here. Two is here. Three is here."),
        ([0.9, 0.1, 0.88, 0.1, 0.1], 2, "One is here. … Three is here."),
        ([0.5, 0.5, 0.5, 0.5, 0.5], 2, "One is here. Two is here."),
        ([0.9, 0.8, 0.88, 0.1, 0.1], 1, "One is here."),
        ([0.9, 0.8, 0.88, 0.1, 0.1], 0, ""),
    ],
)
def test_the_best_sentences_are_quoted_in_their_order(
    scores: list[float], most: int, expected: str
) -> None:
    got = quote(FIVE, scores, most=most)
    assert got.text == expected
    assert " … ".join(FIVE[start:end] for start, end in got.ranges) == expected


def test_a_sentence_brings_what_it_leans_on() -> None:
    text = "We send daily. The parcel comes by post. It takes two days. Call us."
    assert quote(text, [0.1, 0.1, 0.9, 0.1]).text == "The parcel comes by post. It takes two days."
    assert quote(text, [0.1, 0.1, 0.9, 0.1], most=1).text == "It takes two days."


def test_a_colon_brings_its_list_and_an_item_its_colon() -> None:
    text = "Welcome.\n\nYou need:\n- a receipt\n- the box\n\nBye now."
    listed = "You need:\n- a receipt\n- the box"
    assert quote(text, [0.1, 0.9, 0.2, 0.2, 0.1]).text == listed
    assert quote(text, [0.1, 0.2, 0.9, 0.2, 0.1]).text == "You need:\n- a receipt"


def test_the_question_itself_is_no_answer() -> None:
    text = "How long does it take? Two days. Ask us."
    assert quote(text, [0.9, 0.1], question="how long does it take").text == "Two days."
    assert quote("How?", [], question="How?") == Quote("", ())
    assert quote("", []) == Quote("", ())
