"""Several processes assign one queue: nobody is given twice, nobody gets more than their places."""

from pathlib import Path

from tests.assigning import race
from tests.world import copy_shop


def test_a_queue_in_sqlite_is_given_once(shop: Path, tmp_path: Path) -> None:
    race(copy_shop(shop, tmp_path / "race"))
