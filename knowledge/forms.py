"""What is checked of a source where it is typed or uploaded, with a sentence for who did it."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminURLInputWidget

from knowledge.models import Source
from knowledge.sources.documents import PDF, Unreadable, media_type_of
from knowledge.sources.failures import FetchFailed, Told
from knowledge.sources.fetching import check_address
from knowledge.sources.reading import BYTES, read


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript at run time
    """A web page by its address, or a document as a file."""

    url = forms.URLField(
        label=_("address"),
        required=False,
        max_length=2_000,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
        help_text=_("A web page that anyone can read."),
    )
    upload = forms.FileField(
        label=_("file"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("Markdown, HTML, PDF, text, or CSV with the columns question and answer."),
    )

    class Meta:
        model = Source
        fields = ("name", "url", "category", "language", "recrawl_hours")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "name" in self.fields:  # not where it may only be looked at
            self.fields["name"].required = False
            self.fields["name"].help_text = _(
                "Customers see it as the source of an answer. Empty: the file's name or the host."
            )

    def clean_upload(self) -> "UploadedFile[Any] | None":
        """Return the file, if it is one that can be read."""
        upload: UploadedFile[Any] | None = self.cleaned_data.get("upload")
        if upload is not None:
            try:
                _check_file(upload)
            except Unreadable as error:
                raise _as_error(error) from error
        return upload

    def clean_url(self) -> str:
        """Return the address, if it is one that anyone on the internet can reach."""
        url = str(self.cleaned_data.get("url") or "").strip().partition("#")[0]
        if url and url != self.instance.url:
            try:
                check_address(url, allow_private=settings.CRAWL_PRIVATE_HOSTS)
            except FetchFailed as error:
                if not error.retry:
                    raise _as_error(error) from error
        return url

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        upload, url = cleaned.get("upload"), cleaned.get("url")
        asked = {"upload", "url"} & self.fields.keys()
        if asked and not self.errors.keys() & {"upload", "url"}:
            kind = self.instance.kind if self.instance.pk else ""
            if upload and url:
                raise forms.ValidationError(_("Give an address or a file, not both."))
            if not upload and not url and kind != Source.Kind.FILE:
                raise forms.ValidationError(_("Give the address of a web page, or a file."))
            if (kind == Source.Kind.FILE and url) or (kind == Source.Kind.URL and upload):
                raise forms.ValidationError(
                    _("A source stays what it is, a web page or a document: add a new one.")
                )
        if not cleaned.get("name"):
            cleaned["name"] = _name(upload, url or "") or self.instance.name
        return cleaned


def _name(upload: "UploadedFile[Any] | None", url: str) -> str:
    if upload is not None:
        return (upload.name or "").rpartition(".")[0][:200]
    return url.partition("://")[2].removeprefix("www.").strip("/")[:200]


def _check_file(upload: "UploadedFile[Any]") -> None:
    """Raise Unreadable for a file that cannot be used. PDFs take long: only their first bytes."""
    name = upload.name or ""
    too_large = (upload.size or 0) > BYTES
    # What the browser calls it is not asked: Windows calls CSV a spreadsheet.
    content = b"" if too_large else upload.read()
    upload.seek(0)
    kind = media_type_of("", name)
    if too_large:
        raise Unreadable(
            gettext_noop("%(name)s is larger than %(most)d MB."), name=name, most=BYTES // 1024**2
        )
    if kind == PDF:
        if b"%PDF-" not in content[:1024]:
            raise Unreadable(gettext_noop("The PDF is damaged and cannot be read."))
    else:
        read(content, "", name=name)


def _as_error(error: Told) -> forms.ValidationError:
    return forms.ValidationError(error.in_words())
