"""Files that customers send: fetched with the bot token, which goes to Slack alone."""

import pytest

from channels_adapters.base import SendError
from channels_adapters.slack import files
from channels_adapters.slack.adapter import SlackAdapter
from channels_adapters.slack.options import Options
from chatbot.conversations.models import Channel
from tests.channels_adapters.slack.receiving import Hook
from tests.channels_adapters.slack.server import SlackServer


def reference(hook: Hook) -> str:
    return hook.recorded.messages()[0].files[0].reference


def test_a_file_that_came_can_be_fetched(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook
) -> None:
    slack.upload("U0IDA", "skærm.png", b"\x89PNG", "see", mimetype="image/png")
    assert adapter.fetch(reference(hook)) == b"\x89PNG"
    assert slack.fetches[0][1] == f"Bearer {slack.bot_token}"


def test_a_page_that_a_customer_sends_is_a_file(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook
) -> None:
    slack.upload("U0IDA", "page.html", b"<html>", mimetype="text/html")
    assert adapter.fetch(reference(hook)) == b"<html>"


def test_a_file_of_a_shared_channel_is_looked_up_first(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook
) -> None:
    slack.upload("U0IDA", "a.txt", b"text", shared_channel=True)
    assert reference(hook).startswith("file:F")
    assert adapter.fetch(reference(hook)) == b"text"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/files-pri/F1/a",
        "https://files.slack.com/files-pri/F1/a",
        "file:///etc/passwd",
        "ftp://127.0.0.1/a",
        "http://",
        "",
        "http://[",
    ],
)
def test_the_token_goes_to_no_other_host(
    slack: SlackServer, adapter: SlackAdapter, url: str
) -> None:
    with pytest.raises(SendError) as failed:
        adapter.fetch(url)
    assert failed.value.permanent


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.png", True),
        ("https://slack.com/x", True),
        ("http://files.slack.com/a", False),
        ("https://files.slack.com:8443/a", False),
        ("https://files.slack.com.evil.example/a", False),
        ("https://evilslack.com/a", False),
        ("https://slack.com@evil.example/a", False),
        ("https://files.slack.com\\@evil.example/a", False),
    ],
)
def test_slacks_hosts_are_those_of_its_api(url: str, *, own: bool) -> None:
    assert Options().serves(url) is own


def test_a_redirect_is_not_followed(slack: SlackServer, adapter: SlackAdapter, hook: Hook) -> None:
    slack.upload("U0IDA", "a.txt", b"text")
    slack.fail_next(1, "redirect", "file")
    with pytest.raises(SendError) as failed:
        adapter.fetch(reference(hook))
    assert failed.value.permanent
    assert "files:read" in str(failed.value)


def test_a_login_page_is_no_file(slack: SlackServer, adapter: SlackAdapter, hook: Hook) -> None:
    slack.upload("U0IDA", "a.txt", b"text")
    slack.home.scopes.remove("files:read")
    with pytest.raises(SendError) as failed:
        adapter.fetch(reference(hook))
    assert failed.value.permanent
    assert "files:read" in str(failed.value)


def test_a_wrong_token_gets_no_file(slack: SlackServer, channel: Channel, hook: Hook) -> None:
    slack.upload("U0IDA", "a.txt", b"text")
    found = reference(hook)
    channel.secrets["bot_token"] = "xoxb-wrong"
    with pytest.raises(SendError) as failed:
        SlackAdapter(channel).fetch(found)
    assert failed.value.permanent


def test_a_deleted_file_is_gone(slack: SlackServer, adapter: SlackAdapter, hook: Hook) -> None:
    slack.upload("U0IDA", "a.txt", b"text")
    found = reference(hook)
    slack.files.clear()
    with pytest.raises(SendError) as failed:
        adapter.fetch(found)
    assert failed.value.permanent


def test_being_asked_to_wait_is_worth_a_retry(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook
) -> None:
    slack.upload("U0IDA", "a.txt", b"text")
    slack.fail_next(1, "429", "file")
    with pytest.raises(SendError) as failed:
        adapter.fetch(reference(hook))
    assert (failed.value.permanent, failed.value.retry_after) == (False, 7.0)


def test_a_file_that_is_too_large_is_left(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FILE_BYTES", 3)
    slack.upload("U0IDA", "a.txt", b"text")
    with pytest.raises(SendError) as failed:
        adapter.fetch(reference(hook))
    assert failed.value.permanent
