"""Fills an empty Svar with the demo shop; doing it again changes only what is missing or newer."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.utils import timezone

from chatbot.conversations.models import (
    WEBSITE,
    Channel,
    Contact,
    ContactIdentity,
    Conversation,
    Message,
    Status,
)
from chatbot.demo import content, systems, tools
from chatbot.routing.models import AgentProfile, ServiceLevel, Skill
from knowledge.models import Article, ArticleTranslation, Category, CategoryTranslation, Question
from knowledge.services import touch_articles

_LANGUAGES = ("en", "da", "sv", "de")


def load() -> int:
    """Load the demo shop; return how many articles were new."""
    with transaction.atomic():
        channel = _channel()
        _categories()
        new = _articles()
        _people()
        systems.load()
        if new:
            _service_level(channel)
            tools.load()
            _open_conversations(channel)
    return new


def _channel() -> Channel:
    channel, _ = Channel.objects.get_or_create(
        key=content.CHANNEL_KEY,
        defaults={
            "kind": WEBSITE,
            "name": "Lund & Lyng",
            "bot_name": "Lyng",
            "reply_minutes": 3,
            "opening_hours": {str(day): [["09:00", "17:00"]] for day in range(5)},
        },
    )
    return channel


def _categories() -> None:
    for position, (slug, names) in enumerate(content.CATEGORIES.items()):
        category, _ = Category.objects.get_or_create(
            slug=slug, defaults={"name": names[0], "position": position}
        )
        for language, name in zip(_LANGUAGES, names, strict=True):
            CategoryTranslation.objects.get_or_create(
                category=category, language=language, defaults={"name": name}
            )


def _articles() -> int:
    known = set(Article.objects.values_list("slug", flat=True))
    categories = {category.slug: category for category in Category.objects.all()}
    new: list[Article] = []
    for path in sorted((Path(__file__).parent / "articles").glob("*.yaml")):
        if path.stem in known:
            continue
        raw: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        slug = raw["slug"]
        article = Article.objects.create(
            slug=slug,
            category=categories[raw["category"]],
            status=Article.Status.PUBLISHED,
            suggest=content.SUGGESTED.index(slug) + 1 if slug in content.SUGGESTED else None,
            action=raw.get("action", ""),
            offers=raw.get("offers", ""),
        )
        for language, texts in raw["translations"].items():
            ArticleTranslation.objects.create(
                article=article,
                language=language,
                title=texts["title"],
                answer=texts["answer"].strip(),
            )
            Question.objects.bulk_create(
                Question(article=article, language=language, text=str(text))
                for text in texts["questions"]
            )
        new.append(article)
    if new:
        touch_articles(articles=new)
    return len(new)


def _people() -> None:
    admin, created = User.objects.get_or_create(
        username="admin", defaults={"is_staff": True, "is_superuser": True}
    )
    if created:
        admin.set_password(content.PASSWORD)
        admin.save(update_fields=["password"])
    topics = {category.slug: category for category in Category.objects.all()}
    skills = {}
    for slug, (name, slugs) in content.SKILLS.items():
        skills[slug], created = Skill.objects.get_or_create(slug=slug, defaults={"name": name})
        if created:
            skills[slug].topics.set(topics[topic] for topic in slugs)
    for username, (name, able, languages, capacity, staff) in content.AGENTS.items():
        user, created = User.objects.get_or_create(
            username=username, defaults={"first_name": name.split()[0], "is_staff": staff}
        )
        if not created:
            continue
        user.set_password(content.PASSWORD)
        user.save(update_fields=["password"])
        profile = AgentProfile.objects.create(
            user=user, name=name.split()[0], languages=list(languages), capacity=capacity
        )
        profile.skills.set(skills[slug] for slug in able)
        if staff:
            user.user_permissions.add(
                Permission.objects.get(codename="supervise", content_type__app_label="routing")
            )


def _service_level(channel: Channel) -> None:
    level, created = ServiceLevel.objects.get_or_create(
        name="Chat",
        defaults={"first_reply_minutes": 5, "next_reply_minutes": 10, "resolve_minutes": 240},
    )
    if created:
        level.channels.set([channel])


def _open_conversations(channel: Channel) -> None:
    """Give the agents some work in progress, so that their loads differ.

    Written as rows, not through the services: these visitors have no browser, and nobody is to
    be told.
    """
    start = timezone.now() - timedelta(minutes=50)
    for number, (agent, name, email, language, topic, reason, said) in enumerate(content.OPEN):
        profile = AgentProfile.objects.select_related("user").get(user__username=agent)
        at = start + timedelta(minutes=7 * number)
        contact = Contact.objects.create(name=name, email=email, language=language, created_at=at)
        identity = ContactIdentity.objects.create(
            contact=contact, channel=channel, external_id=f"demo-{number}"
        )
        conversation = Conversation.objects.create(
            channel=channel,
            contact=contact,
            identity=identity,
            status=Status.ASSIGNED,
            assignee=profile.user,
            language=language,
            topic=topic,
            reason=reason,
            handoff={"question": said[0][1], "at": at.isoformat(), "draft": None},
            created_at=at,
            handed_off_at=at,
        )
        for step, (author, text) in enumerate(said):
            Message.objects.create(
                conversation=conversation,
                channel=channel,
                author=author,
                author_name=name if author == "contact" else profile.name,
                user=None if author == "contact" else profile.user,
                text=text,
                language=language,
                created_at=at + timedelta(minutes=2 * step),
            )
        last_author, last_text = said[-1]
        conversation.preview_text, conversation.preview_author = last_text[:160], last_author
        conversation.last_message_at = at + timedelta(minutes=2 * (len(said) - 1))
        if last_author == "contact":
            conversation.waiting_since = conversation.last_message_at
        if len(said) > 1:
            conversation.first_reply_at = at + timedelta(minutes=2)
        conversation.save()
