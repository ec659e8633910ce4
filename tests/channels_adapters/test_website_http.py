"""The widget's HTTP calls: origins, errors in one form, and what the first screen shows."""

from collections.abc import Callable

import httpx

from tests.world import KEY, Server, Visitor


def test_the_site_greets_in_the_page_language(server: Server) -> None:
    answer = httpx.get(
        f"{server.url}/api/v1/widget/site", params={"key": KEY, "language": "sv-SE"}
    ).json()
    assert answer["name"] == "Lund & Lyng"
    assert answer["language"] == "sv"
    assert len(answer["suggestions"]) == 4
    assert "Var är min beställning?" in answer["suggestions"]
    assert answer["human"]["available"] is False
    assert answer["human"]["reply_minutes"] >= 1


def test_a_foreign_website_gets_neither_session_nor_cors(server: Server) -> None:
    headers = {"Origin": "https://evil.example"}
    answer = httpx.post(f"{server.url}/api/v1/widget/session", json={"key": KEY}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "origin"
    assert "access-control-allow-origin" not in answer.headers


def test_a_listed_website_may_call_from_the_browser(server: Server) -> None:
    from chatbot.conversations.models import Channel

    Channel.objects.update(allowed_origins="https://shop.example")
    try:
        headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        before = httpx.options(f"{server.url}/api/v1/widget/session", headers=headers)
        assert before.headers["access-control-allow-origin"] == "https://shop.example"
        assert "authorization" in before.headers["access-control-allow-headers"]
        answer = httpx.post(
            f"{server.url}/api/v1/widget/session", json={"key": KEY}, headers=headers
        )
        assert answer.is_success
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        inbox = httpx.get(f"{server.url}/api/v1/inbox/me", headers=headers)
        assert "access-control-allow-origin" not in inbox.headers
    finally:
        Channel.objects.update(allowed_origins="")


def test_a_token_is_renewed_for_the_same_visitor(
    server: Server, visitor: Callable[..., Visitor]
) -> None:
    anna = visitor()
    first = anna.session()
    again = httpx.post(
        f"{server.url}/api/v1/widget/session", json={"key": KEY, "token": first["token"]}
    ).json()
    assert again["visitor"] == first["visitor"]
    fresh = httpx.post(
        f"{server.url}/api/v1/widget/session", json={"key": KEY, "token": "forged.x.y"}
    ).json()
    assert fresh["visitor"] != first["visitor"]


def test_errors_have_one_form(server: Server, visitor: Callable[..., Visitor]) -> None:
    api = f"{server.url}/api/v1/widget"
    anna = visitor()
    for answer, status, code in [
        (httpx.get(f"{api}/site"), 400, "invalid"),
        (httpx.get(f"{api}/site", params={"key": "nobody"}), 404, "not_found"),
        (httpx.get(f"{api}/messages"), 401, "not_authenticated"),
        (
            httpx.get(f"{api}/messages", headers={"Authorization": "Visitor x"}),
            401,
            "authentication_failed",
        ),
        (httpx.post(f"{api}/site"), 405, "method_not_allowed"),
        (httpx.post(f"{api}/session", content=b"{"), 415, "unsupported_media_type"),
        (
            httpx.post(
                f"{api}/session", content=b"{", headers={"Content-Type": "application/json"}
            ),
            400,
            "parse_error",
        ),
        (anna.http.post("/api/v1/widget/messages", json={"client_id": "a"}), 400, "invalid"),
        (
            anna.http.post("/api/v1/widget/messages", json={"client_id": "a", "text": " "}),
            400,
            "empty",
        ),
    ]:
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        assert error["code"] == code
        assert error["detail"]


def test_too_many_messages_say_when_to_try_again(visitor: Callable[..., Visitor]) -> None:
    anna = visitor()
    codes = [
        anna.http.post("/api/v1/widget/messages", json={"client_id": f"c{n}", "text": "hi"})
        for n in range(21)
    ]
    assert [answer.status_code for answer in codes[:20]] == [201] * 20
    assert codes[20].status_code == 429
    assert codes[20].json()["error"]["retry_after"] >= 1


def test_the_pasted_line_and_its_modules_are_served_compressed_to_any_site(
    server: Server,
) -> None:
    answer = httpx.get(
        f"{server.url}/widget/v1/loader.js",
        headers={"Origin": "https://shop.example", "Accept-Encoding": "gzip"},
    )
    assert answer.is_success
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "javascript" in answer.headers["content-type"]
