"""The API keeps what its schema says, whoever calls and whatever is sent.

The calls are made up from the schema by schemathesis: its edge cases for every field, then
random ones, valid and not. They go to a server of their own, since they would use up the
limits of the one that other tests talk to, and leave it full of nonsense.
"""

import base64
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings

from tests.world import KEY, NO_CERTIFICATES, Agent, Server, Visitor, copy_shop, running

EXAMPLES = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
CONFIG: dict[str, Any] = {
    "seed": 20261121,
    "generation": {"with-security-parameters": False},  # we log in ourselves
    "phases": {"stateful": {"enabled": False}},
    # More is refused than a schema can say: an unknown key, a text of blanks, a wrong cursor.
    "checks": {"positive_data_acceptance": {"enabled": False}},
}
api = schemathesis.openapi.from_dict(
    SchemaGenerator().get_schema(request=None, public=True),
    config=schemathesis.Config.from_dict(CONFIG),
)
SHARED_LIMIT = 15  # calls a visitor may make in our tests; the server's limits allow 20 messages


@pytest.fixture(scope="session")
def api_server(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may be told any nonsense."""
    with running(copy_shop(shop, tmp_path_factory.mktemp("api"))) as server:
        yield server


@pytest.fixture(scope="session")
def mette(api_server: Server) -> Iterator[Agent]:
    """An agent who asks about made-up conversations."""
    agent = Agent(api_server, "mette")
    yield agent
    agent.close()


@pytest.fixture(scope="session")
def jonas(api_server: Server) -> Iterator[Agent]:
    """An agent who asks about one that is there: together they would meet the limits."""
    agent = Agent(api_server, "jonas")
    yield agent
    agent.close()


@pytest.fixture(scope="session")
def conversation(jonas: Agent) -> int:
    """The id of a conversation with a history."""
    return int(jonas.get("conversations", view="mine")["results"][0]["id"])


@pytest.fixture(scope="session")
def visitors(api_server: Server) -> Iterator[str]:
    """Tokens, each for a few calls: one visitor would meet the limits before anything else."""

    def tokens() -> Iterator[str]:
        while True:
            visitor = Visitor(api_server)
            visitor.close()
            yield from itertools.repeat(visitor.token, SHARED_LIMIT)

    return tokens()


def make_real(case: schemathesis.Case) -> None:
    """Put what is there in the place of made-up values that are as valid but lead nowhere."""
    for place in (case.query, case.body):
        if not isinstance(place, dict):
            continue
        if isinstance(place.get("key"), str) and 0 < len(place["key"]) <= 64:
            place["key"] = KEY
        if isinstance(place.get("text"), str) and not place["text"].strip():
            place["text"] = "Where is my parcel?"


def identity(agent: Agent) -> dict[str, Any]:
    """Return what tells the server who calls, as the inbox's pages send it."""
    names = ("X-CSRFToken", "Origin")
    return {
        "headers": {name: agent.http.headers[name] for name in names},
        "cookies": dict(agent.http.cookies.items()),
    }


@api.parametrize()
@EXAMPLES
def test_nobody_is_told_anything_but_what_is_public(
    case: schemathesis.Case, api_server: Server
) -> None:
    answer = case.call_and_validate(base_url=api_server.url)
    if case.operation.definition.raw.get("security"):
        assert answer.status_code >= 400


@api.include(path_regex=r"^/api/v1/widget/").parametrize()
@EXAMPLES
def test_a_visitors_calls_keep_to_the_schema(
    case: schemathesis.Case, api_server: Server, visitors: Iterator[str]
) -> None:
    make_real(case)
    headers = {"Authorization": f"Visitor {next(visitors)}"}
    case.call_and_validate(base_url=api_server.url, headers=headers)


@api.include(path_regex=r"^/api/v1/inbox/").parametrize()
@EXAMPLES
def test_an_agents_calls_keep_to_the_schema(
    case: schemathesis.Case, api_server: Server, mette: Agent
) -> None:
    case.call_and_validate(base_url=api_server.url, **identity(mette))


@api.include(path_regex=r"^/api/v1/inbox/conversations/\{id\}").parametrize()
@EXAMPLES
def test_an_agents_calls_about_a_conversation_keep_to_the_schema(
    case: schemathesis.Case, api_server: Server, jonas: Agent, conversation: int
) -> None:
    make_real(case)
    if isinstance(case.path_parameters["id"], int):
        case.path_parameters["id"] = conversation
    if case.operation.path.endswith("reply"):
        jonas.post(f"conversations/{conversation}/take", over=True)
    case.call_and_validate(base_url=api_server.url, **identity(jonas))


JSON = {"Content-Type": "application/json"}


def assert_told(answer: httpx.Response, status: int) -> None:
    """Check that an error came in the form of all errors."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("position", ["2026", "abc", "%00", "99999-13-45"])
def test_a_forged_cursor_is_told(jonas: Agent, position: str) -> None:
    cursor = base64.b64encode(f"p={position}".encode()).decode()
    answer = jonas.http.get("/api/v1/inbox/conversations", params={"cursor": cursor})
    assert_told(answer, 404)


@pytest.mark.parametrize(
    "body",
    ["[]", "0", '""', "null", "false", '{"over": 0}', "{", pytest.param("[" * 99_999, id="deep")],
)
def test_a_body_that_is_no_request_is_told(jonas: Agent, conversation: int, body: str) -> None:
    path = f"/api/v1/inbox/conversations/{conversation}/take"
    assert_told(jonas.http.post(path, content=body, headers=JSON), 400)


@pytest.mark.parametrize("path", ["nope", "conversations/x", "conversations/-1/reply", "me/"])
def test_a_path_that_is_not_there_is_told(api_server: Server, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert_told(httpx.request(method, f"{api_server.url}/api/v1/inbox/{path}"), 404)


@pytest.mark.parametrize("origin", ["http://[", "http://localhost:99999", "http://a:b", "null"])
def test_an_origin_that_is_no_address_is_told(api_server: Server, origin: str) -> None:
    url = f"{api_server.url}/api/v1/widget/site?key={KEY}"
    assert_told(httpx.get(url, headers={"Origin": origin}), 403)


@pytest.mark.parametrize("url", ["http://[", "//[x", "http://a:b:c", "https://a/\x00", "\x00"])
def test_a_message_is_recorded_whatever_page_it_comes_from(api_server: Server, url: str) -> None:
    message = {"client_id": "m1", "text": "hello", "page": {"url": url, "title": "a\x00b"}}
    visitor = Visitor(api_server)
    answer = visitor.http.post("/api/v1/widget/messages", json=message)
    visitor.close()
    assert answer.status_code == 201, answer.text


def test_the_limits_count_who_really_calls(api_server: Server) -> None:
    """Behind no proxy of ours, anybody can claim to be forwarded for somebody else."""
    asked = [
        httpx.get(
            f"{api_server.url}/api/v1/widget/site",
            params={"key": "nobody"},
            headers={"X-Forwarded-For": f"10.0.{n // 250}.{n % 250}"},
            verify=NO_CERTIFICATES,
        )
        for n in range(260)
    ]
    assert {answer.status_code for answer in asked} == {404, 429}
    assert_told(asked[-1], 429)
    assert int(asked[-1].headers["Retry-After"]) == asked[-1].json()["error"]["retry_after"] - 1


def test_the_server_publishes_this_schema(api_server: Server) -> None:
    published = httpx.get(f"{api_server.url}/api/v1/schema", params={"format": "json"})
    assert published.json() == json.loads(json.dumps(api.raw_schema))
