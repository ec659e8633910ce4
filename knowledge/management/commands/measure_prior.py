"""Measure where questions in general lie: `knowledge/prior.json`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from knowledge.embeddings import StoredEmbeddings, embedded_question
from knowledge.models import Article


class Command(BaseCommand):
    help = (
        "Write the mean vector of the published articles' questions, by language, where --to "
        "says. The shipped ones are of the demo shop."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        articles = list(
            Article.objects.filter(status=Article.Status.PUBLISHED).prefetch_related(
                "translations", "questions"
            )
        )
        means = {}
        for language, _ in settings.LANGUAGES:
            found = [mean for article in articles if (mean := _mean(article, language)) is not None]
            means[language] = [round(float(value), 4) for value in np.mean(found, axis=0)]
        about = f"{len(articles)} articles: the mean of each one's questions, by language"
        written = {"embeddings": settings.EMBEDDINGS, "of": about, "means": means}
        options["to"].write_text(json.dumps(written) + "\n", "utf-8")


def _mean(article: Article, language: str) -> Any:
    asked = [question.text for question in article.questions.all() if question.language == language]
    asked += [one.title for one in article.translations.all() if one.language == language]
    if not asked:
        return None
    texts = list(dict.fromkeys(embedded_question(text) for text in asked))
    return np.mean(StoredEmbeddings(as_query=True).embed_arrays(texts), axis=0)
