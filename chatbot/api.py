"""What all HTTP calls share: requests parsed into types, errors in one form."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ConfigDict, ValidationError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler


class ErrorPart(BaseModel):
    """An error, for machines (`code`) and for people (`detail`)."""

    model_config = ConfigDict(extra="forbid")

    code: str
    detail: str
    fields: dict[str, str] | None = None
    retry_after: int | None = None


class ErrorResponse(BaseModel):
    """The body of every answer from 400 on."""

    model_config = ConfigDict(extra="forbid")

    error: ErrorPart


class ApiError(exceptions.APIException):
    """An error of ours, with the protocol's code."""

    def __init__(
        self, code: str, detail: str, *, status: int = 400, retry_after: int | None = None
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.retry_after = retry_after


class InvalidRequest(exceptions.APIException):
    """A body or query that does not fit its type."""

    status_code = 400

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(_("Some fields are not right."), "invalid")
        self.fields = fields


Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], data: Any, *, strict: bool = True) -> Model:
    """Return `data` as a `model`. Raises InvalidRequest with what is wrong, field by field.

    JSON has types, so false is no 0; a query has only text, so it is read without `strict`.
    """
    try:
        return model.model_validate(data, strict=strict)
    except ValidationError as error:
        raise InvalidRequest(
            {".".join(map(str, e["loc"])) or "body": e["msg"] for e in error.errors()}
        ) from error


def query_of(request: Request) -> dict[str, str]:
    """Return the query's parameters. Raises InvalidRequest for one that comes twice."""
    query = dict(request.query_params.lists())
    if twice := {
        name: "Input should come once" for name, values in query.items() if len(values) > 1
    }:
        raise InvalidRequest(twice)
    return {name: str(values[0]) for name, values in query.items()}


def respond(payload: BaseModel, status: int = 200) -> Response:
    """Return `payload` as the answer."""
    return Response(payload.model_dump(mode="json"), status=status)


@csrf_exempt
def not_found(request: HttpRequest) -> JsonResponse:
    """Answer a path that the API does not have in the form of all its errors."""
    part = ErrorPart(code="not_found", detail=str(exceptions.NotFound.default_detail))
    return JsonResponse(ErrorResponse(error=part).model_dump(exclude_none=True), status=404)


def error_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return any error of the API in the one form; None leaves it to the server's 500."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RecursionError | RequestDataTooBig):  # of the JSON parser
        error = exceptions.ParseError()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    codes = error.get_codes()
    wait = getattr(error, "retry_after", None) or getattr(error, "wait", None)
    part = ErrorPart(
        code=codes if isinstance(codes, str) else "invalid",
        detail=str(error.detail)
        if isinstance(error.detail, str)
        else _("The request is not right."),
        fields=getattr(error, "fields", None),
        retry_after=int(wait) + 1 if wait else None,
    )
    response.data = ErrorResponse(error=part).model_dump(exclude_none=True)
    return response
