"""Knowledge: saving publishes, unpublishing hides at once, and a wrong index is not used."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.world import Agent, Server, Visitor, copy_shop, manage, running, wait_for

QUESTION = "Do you have a piano?"


@pytest.fixture
def admin(server: Server) -> Iterator[Agent]:
    admin = Agent(server, "admin")
    yield admin
    admin.close()


def save_article(admin: Agent, slug: str, status: str) -> None:
    """Save an article in Django admin, as a person does."""
    from knowledge.models import Article, Category

    article = Article.objects.filter(slug=slug).first()
    path = f"/admin/knowledge/article/{f'{article.pk}/change' if article else 'add'}/"
    page = admin.http.get(path)
    assert page.is_success
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token is not None
    translation = article.translations.get() if article else None
    question = article.questions.get() if article else None
    form = {
        "csrfmiddlewaretoken": token.group(1),
        "slug": slug,
        "category": Category.objects.get(slug="store").pk,
        "status": status,
        "suggest": "",
        "translations-TOTAL_FORMS": 1,
        "translations-INITIAL_FORMS": 1 if article else 0,
        "translations-MIN_NUM_FORMS": 1,
        "translations-MAX_NUM_FORMS": 1000,
        "translations-0-language": "en",
        "translations-0-title": QUESTION,
        "translations-0-answer": "Yes, a **Petrof** from 1962. Play it on Saturdays.",
        "translations-0-url": "",
        "questions-TOTAL_FORMS": 1,
        "questions-INITIAL_FORMS": 1 if article else 0,
        "questions-MIN_NUM_FORMS": 0,
        "questions-MAX_NUM_FORMS": 1000,
        "questions-0-language": "en",
        "questions-0-text": "is there a piano",
    }
    if article and translation and question:
        form |= {
            "translations-0-id": translation.pk,
            "translations-0-article": article.pk,
            "questions-0-id": question.pk,
            "questions-0-article": article.pk,
        }
    saved = admin.http.post(path, data=form, headers={"Referer": admin.server.url + path})
    assert saved.status_code == 302, re.findall(r'class="[^"]*error[^"]*"[^>]*>([^<]+)', saved.text)


def test_saving_publishes_within_two_seconds_and_unpublishing_hides_at_once(
    visitor: Callable[..., Visitor], admin: Agent
) -> None:
    from knowledge.models import Article

    try:
        assert not _ask(visitor)["citations"]
        save_article(admin, "piano", "published")
        published = time.monotonic()
        wait_for(lambda: _ask(visitor)["citations"], seconds=5)
        assert time.monotonic() - published < 3.5  # 2 s, and a noisy machine's grace
        answer = _ask(visitor)
        assert "<strong>Petrof</strong>" in answer["html"]
        save_article(admin, "piano", "draft")
        assert not _ask(visitor)["citations"]
    finally:
        from knowledge.services import delete_articles

        delete_articles(articles=list(Article.objects.filter(slug="piano")))
    from knowledge.models import RemovedText

    wait_for(lambda: not RemovedText.objects.exists(), seconds=5)


def _ask(visitor: Callable[..., Visitor]) -> dict[str, object]:
    one = visitor()
    one.open()
    reply: dict[str, object] = one.ask(QUESTION)
    return reply


def test_a_reindex_beside_a_running_server_is_done_by_the_server(server: Server) -> None:
    from knowledge.models import IndexRun

    before = IndexRun.objects.get(status="active").pk
    said = manage("reindex", data=server.data)
    assert "running server" in said
    assert IndexRun.objects.get(status="active").pk > before


def test_answers_go_on_while_the_index_is_rebuilt(
    server: Server, visitor: Callable[..., Visitor]
) -> None:
    from knowledge.models import IndexRun
    from knowledge.services import request_rebuild

    run = request_rebuild()
    asked = 0
    while IndexRun.objects.get(pk=run.pk).status in ("requested", "building"):
        assert _ask_about_delivery(visitor)["citations"]
        asked += 1
    assert asked
    assert _ask_about_delivery(visitor)["citations"]


def _ask_about_delivery(visitor: Callable[..., Visitor]) -> dict[str, Any]:
    one = visitor()  # a new one each time: who asks twice gets a person
    one.open()
    reply: dict[str, Any] = one.ask("How long does delivery take?")
    return reply


def test_an_index_that_is_missing_or_of_another_model_is_rebuilt_not_used(
    shop: Path, tmp_path: Path
) -> None:
    data = copy_shop(shop, tmp_path / "shop")
    other = {"SVAR_EMBEDDINGS": "tests.fakes.WordEmbeddings"}
    with running(data, **other) as server:
        log = server.log
        wait_for(lambda: "is in use" in log.read_text(), seconds=60)
        anna = Visitor(server)
        anna.open()
        assert anna.ask("How long does delivery take?")["author"]["kind"] == "bot"
        anna.close()
    for file in (data / "chroma").glob("*"):
        if file.is_file() and file.suffix in (".sqlite3",):
            file.unlink()
    with running(data) as server:
        anna = Visitor(server)
        anna.open()
        wait_for(lambda: server.log.read_text().count("is in use") >= 2, seconds=90)
        assert anna.ask("How long does delivery take?")["citations"]
        anna.close()


def test_a_second_process_does_not_touch_the_embedded_index(shop: Path, tmp_path: Path) -> None:
    data = copy_shop(shop, tmp_path / "shop")
    with running(data) as first, running(data) as second:
        wait_for(lambda: "SVAR_CHROMA_URL" in second.log.read_text(), seconds=30)
        anna = Visitor(first)
        anna.open()
        assert anna.ask("How long does delivery take?")["citations"]
        anna.close()
