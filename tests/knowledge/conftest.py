"""The shop that the tests of sources share; each test begins without any."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.knowledge.house import House
from tests.knowledge.sources.web import Web
from tests.world import Server, copy_shop


@pytest.fixture(scope="module")
def running(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with Web().running() as web:
        allowed = {
            "SVAR_CRAWL_PRIVATE_HOSTS": web.host,
            "SVAR_CRAWL_RETRY_SECONDS": "0.1",
            "SVAR_SWEEP_SECONDS": "0.2",
        }
        data = copy_shop(shop, tmp_path_factory.mktemp("sources") / "shop")
        server = Server(data, **allowed).start()
        house = House(server, web)
        yield house
        house.admin.close()
        server.stop()


@pytest.fixture
def house(running: House) -> Iterator[House]:
    running.web.pages.clear()
    running.web.asked.clear()
    yield running
    running.forget()
