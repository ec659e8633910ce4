"""The demo shop's pages, in four languages, with the widget on them, and its mailbox."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from chatbot.demo import mailbox
from chatbot.demo.account import known_to_the_chat
from chatbot.demo.pages import in_language, shop_context


@never_cache
def shop(request: HttpRequest) -> HttpResponse:
    """The front page."""
    with in_language(request):
        context = {**shop_context(request), **known_to_the_chat(request)}
        return render(request, "demo/shop.html", context)


@never_cache
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One product's page."""
    context = {**shop_context(request), **known_to_the_chat(request)}
    chosen = next((item for item in context["products"] if item["slug"] == slug), None)
    if chosen is None:
        raise Http404
    with in_language(request):
        return render(request, "demo/product.html", context | {"product": chosen})


@never_cache
def mail(request: HttpRequest) -> HttpResponse:
    """The mails that were kept as files: reset links, codes, return labels."""
    if not mailbox.keeps_mail():
        raise Http404
    with in_language(request):
        return render(request, "demo/mail.html", {"mails": mailbox.mails()})


@never_cache
def mail_attachment(request: HttpRequest, file: str, index: int, number: int) -> HttpResponse:
    """An attachment of a kept mail, to be downloaded."""
    part = mailbox.attachment(file, index, number) if mailbox.keeps_mail() else None
    if part is None:
        raise Http404
    is_pdf = part.get_content_type() == "application/pdf"
    kind = "application/pdf" if is_pdf else "application/octet-stream"
    named = re.sub(r"[^\w.-]", "_", part.get_filename() or "file", flags=re.ASCII)
    headers = {"Content-Disposition": f'attachment; filename="{named}"'}
    return HttpResponse(part.get_payload(decode=True), content_type=kind, headers=headers)
