"""The writes of knowledge: what is published, and what the index has to catch up with."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from chatbot.background import enqueue
from knowledge.models import Article, IndexRun, RemovedText


def touch_articles(*, articles: Sequence[Article]) -> None:
    """Note that articles were edited: the index follows within seconds, the reader at once."""
    with transaction.atomic():
        Article.objects.filter(pk__in=[article.pk for article in articles]).update(
            updated_at=timezone.now(), indexed_at=None
        )
        enqueue("index")


def set_status(*, articles: Sequence[Article], status: str) -> None:
    """Publish or unpublish articles. What is unpublished answers nobody from this commit on."""
    with transaction.atomic():
        Article.objects.filter(pk__in=[article.pk for article in articles]).update(status=status)
        touch_articles(articles=articles)


def delete_articles(*, articles: Sequence[Article]) -> None:
    """Delete articles, and have the index drop their texts."""
    with transaction.atomic():
        RemovedText.objects.bulk_create(
            [RemovedText(vector_id=i) for article in articles for i in article.indexed_ids],
            ignore_conflicts=True,
        )
        Article.objects.filter(pk__in=[article.pk for article in articles]).delete()
        enqueue("index")


def request_rebuild() -> IndexRun:
    """Ask the process that owns the index for a rebuild; the old one answers meanwhile."""
    with transaction.atomic():
        run = IndexRun.objects.create(status=IndexRun.Status.REQUESTED)
        enqueue("index")
    return run
