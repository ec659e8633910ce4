"""A shop with a server of its own, whose admin adds sources and whose visitors ask."""

import re
import sqlite3
from typing import Any

from tests.knowledge.sources.web import Web
from tests.world import Agent, Server, Visitor, wait_for


class House:
    """A shop of its own that may crawl one web server on loopback."""

    def __init__(self, server: Server, web: Web) -> None:
        self.server = server
        self.web = web
        self.admin = Agent(server, "admin")
        self.category = self.rows("SELECT id FROM knowledge_category WHERE slug = 'store'")[0][0]

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Return rows of the server's database."""
        connection = sqlite3.connect(self.server.data / "svar.sqlite3", timeout=20)
        try:
            with connection:
                return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def post(self, path: str, page_path: str = "", files: Any = None, **form: Any) -> str:
        """Send a form of Django admin as a person does; return the page that follows."""
        shown = self.admin.http.get(page_path or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.text)
        assert token is not None, shown.status_code
        answer = self.admin.http.post(
            path,
            data={"csrfmiddlewaretoken": token.group(1), **form},
            files=files,
            headers={"Referer": self.server.url + path},
            follow_redirects=True,
        )
        assert answer.is_success, answer.status_code
        return answer.text

    def add(self, *, upload: tuple[str, bytes] | None = None, **form: Any) -> str:
        """Add a source in Django admin; return the page that follows."""
        form = {"url": "", "name": "", "language": "", "recrawl_hours": "24", **form}
        files = {"upload": upload} if upload else None
        path = "/admin/knowledge/source/add/"
        return self.post(path, files=files, category=self.category, **form)

    def added(self, **form: Any) -> int:
        """Add a source that must be accepted, and wait until it is in the index."""
        self.add(**form)
        pk = self.rows("SELECT max(id) FROM knowledge_source")[0][0]
        self.read(pk)
        return int(pk)

    def state(self, pk: int) -> tuple[str, str]:
        """Return a source's state and what went wrong."""
        return self.rows("SELECT state, error FROM knowledge_source WHERE id = ?", pk)[0]

    def read(self, pk: int) -> None:
        """Wait until the source is read and in the index."""
        ready = "SELECT 1 FROM knowledge_source WHERE id = ? AND state = 'ready' AND indexed_at"
        wait_for(lambda: self.rows(ready, pk), seconds=20, why=lambda: str(self.state(pk)))

    def act(self, action: str, pk: int) -> str:
        """Choose an action of the list for a source."""
        path = "/admin/knowledge/source/"
        return self.post(path, action=action, _selected_action=str(pk), index="0")

    def due(self, pk: int, state: str = "ready") -> None:
        """Let the time of a source's next reading come."""
        self.rows(
            "UPDATE knowledge_source SET state = ?, next_at = '2020-01-01 00:00:00' WHERE id = ?",
            state,
            pk,
        )

    def read_again(self, pk: int) -> None:
        """Press the button, and wait until the source was read."""
        before = self.rows("SELECT read_at FROM knowledge_source WHERE id = ?", pk)
        assert "is being read" in self.act("read_again", pk)
        wait_for(
            lambda: self.rows("SELECT read_at FROM knowledge_source WHERE id = ?", pk) != before
        )
        self.read(pk)

    def passages(self, pk: int) -> dict[int, str]:
        """Return a source's passages by id."""
        query = "SELECT id, text FROM knowledge_passage WHERE source_id = ? ORDER BY position"
        return dict(self.rows(query, pk))

    def embedded(self) -> int:
        """Return how many texts were embedded so far."""
        return int(self.rows("SELECT count(*) FROM knowledge_textvector")[0][0])

    def ask(self, text: str, language: str = "en") -> Any:
        """Ask as somebody new, since who asks twice gets a person."""
        one = Visitor(self.server, language)
        try:
            one.open()
            return one.ask(text)
        finally:
            one.close()

    def answer(self, text: str, language: str = "en") -> Any:
        """Ask until a source answers: the index is looked at once a second."""

        def answered() -> Any:
            reply = self.ask(text, language)
            return reply if reply["citations"] else None

        return wait_for(answered, seconds=6)

    def forget(self) -> None:
        """Delete all sources in Django admin."""
        for (pk,) in self.rows("SELECT id FROM knowledge_source"):
            self.post(f"/admin/knowledge/source/{pk}/delete/", post="yes")
