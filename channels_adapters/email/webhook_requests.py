"""Providers' requests as Django's, without the limits and losses of its own form parser.

Django's takes 2.5 MB of fields in all, and reads them as UTF-8: a raw mail in a field may be 25 MB
and is bytes.
"""

from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from urllib.parse import parse_qsl, urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from channels_adapters.base import HookRequest

_FIELDS = 2000  # of one form


class ProviderRequest(HttpRequest):
    """A request whose body is all here; `fields` are a form's values as bytes."""

    def __init__(self, request: HookRequest) -> None:
        super().__init__()
        self._whole = request.body
        self.fields: dict[str, bytes] = {}
        self.method = request.method.upper()
        self.path = self.path_info = "/"
        self.META = {
            "HTTP_" + name.upper().replace("-", "_"): value
            for name, value in request.headers.items()
        }
        content_type = request.headers.get("content-type", "")
        self.META["CONTENT_TYPE"] = content_type
        self.META["CONTENT_LENGTH"] = str(len(request.body))
        head = Message()
        head["Content-Type"] = content_type
        self.content_type = head.get_content_type() if content_type else ""
        self.GET = QueryDict(urlencode(dict(request.query)))
        if self.content_type == "multipart/form-data":
            self._read_multipart(str(head.get_param("boundary", "")))
        elif self.content_type == "application/x-www-form-urlencoded":
            self._read_urlencoded()

    @property
    def body(self) -> bytes:
        """The whole of it, whatever its size."""
        return self._whole

    def _read_urlencoded(self) -> None:
        # Latin-1 keeps every byte as it was.
        pairs = parse_qsl(
            self._whole.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=_FIELDS,
        )
        form = QueryDict(mutable=True)
        for name, value in pairs:
            self._keep(form, name, value.encode("latin-1"))
        self.POST = form  # type: ignore[assignment]  # the stubs have it immutable

    def _read_multipart(self, boundary: str) -> None:
        """Take a form apart (RFC 7578). Raises ValueError for what is none."""
        if not boundary:
            raise ValueError("a form without a boundary")
        form = QueryDict(mutable=True)
        files: MultiValueDict[str, SimpleUploadedFile] = MultiValueDict()
        parts = (b"\r\n" + self._whole).split(b"\r\n--" + boundary.encode("latin-1"))
        for part in parts[1 : _FIELDS + 1]:
            if part.startswith(b"--"):
                break
            head, _blank, value = part.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
            headers = BytesHeaderParser(policy=compat32).parsebytes(head)
            name = str(headers.get_param("name", "", "content-disposition"))
            filename = headers.get_param("filename", None, "content-disposition")
            if filename is None:
                self._keep(form, name, value)
            else:
                kept = headers.get_filename() or "file"
                file = SimpleUploadedFile(kept, value, headers.get_content_type())
                files.appendlist(name, file)
        self.POST = form  # type: ignore[assignment]  # the stubs have it immutable
        self.FILES = files  # type: ignore[assignment]  # the stubs want another kind of file

    def _keep(self, form: QueryDict, name: str, value: bytes) -> None:
        self.fields[name] = value
        form.appendlist(name, value.decode("utf-8", "replace"))
