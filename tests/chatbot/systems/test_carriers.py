"""The carriers' APIs, against fakes of them, and the pages where customers follow parcels."""

from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from chatbot.systems.ports import SystemFailure, TrackedState, Tracking
from chatbot.systems.tracking_pages import tracking_url
from tests.chatbot.systems import configured, contract
from tests.chatbot.systems.fakes.carriers import GLS, POSTNORD, FakeGls, FakePostNord
from tests.chatbot.systems.fakes.server import Status


@pytest.fixture
def post() -> Iterator[FakePostNord]:
    with FakePostNord() as running:
        yield running


@pytest.fixture
def gls() -> Iterator[FakeGls]:
    with FakeGls() as running:
        yield running


class TestPostNord(contract.TrackingContract):
    @pytest.fixture
    def tracking(self, post: FakePostNord) -> Tracking:
        return configured.postnord(post.url)

    @pytest.fixture
    def parcels(self) -> Mapping[TrackedState, str]:
        return {state: number for state, (number, _status) in POSTNORD.items()}

    def test_tells_the_last_event(self, tracking: Tracking, post: FakePostNord) -> None:
        found = tracking.follow("00370730251234567801", "da")
        assert found is not None
        assert (found.event, found.place) == ("Sidste hændelse", "Aarhus C")
        assert found.expected_on == date(2026, 5, 15)
        assert post.seen[0].query["locale"] == "da"

    def test_asks_in_english_where_it_does_not_speak_the_language(
        self, tracking: Tracking, post: FakePostNord
    ) -> None:
        tracking.follow("00370730251234567801", "de&apikey=x")
        assert post.seen[0].query["locale"] == "en"

    @pytest.mark.parametrize("status", ["DELAYED", "EXPECTED_DELIVERY", "OTHER", "NEW_ONE"])
    def test_any_other_status_is_on_the_way(
        self, tracking: Tracking, post: FakePostNord, status: str
    ) -> None:
        shipment = {"shipmentId": "1", "status": status}
        post.fails_with(Status(200, {"TrackingInformationResponse": {"shipments": [shipment]}}))
        found = tracking.follow("1", "da")
        assert found is not None
        assert found.state == TrackedState.UNDER_WAY


class TestGls(contract.TrackingContract):
    @pytest.fixture
    def tracking(self, gls: FakeGls) -> Tracking:
        return configured.gls(gls.url)

    @pytest.fixture
    def parcels(self) -> Mapping[TrackedState, str]:
        return {state: number for state, (number, _status, _code) in GLS.items()}

    def test_keeps_its_token(self, tracking: Tracking, gls: FakeGls) -> None:
        for _time in range(3):
            assert tracking.follow("50412345674", "da") is not None
        assert [seen.method for seen in gls.seen] == ["POST", "GET", "GET", "GET"]

    def test_gets_another_token_when_its_own_is_taken_back(
        self, tracking: Tracking, gls: FakeGls
    ) -> None:
        tracking.follow("50412345674", "da")
        gls.revoke()
        assert tracking.follow("50412345674", "da") is not None

    def test_a_wrong_secret_is_no_reason_to_try_again(self, gls: FakeGls) -> None:
        from chatbot.systems.carriers import GlsTracking

        tracking = GlsTracking(base_url=gls.url, client_id="app", client_secret="wrong")
        with pytest.raises(SystemFailure) as failure:
            tracking.follow("50412345674", "da")
        assert (failure.value.kind, failure.value.retry) == ("unauthorised", False)
        assert len(gls.seen) == 1


CARRIERS = ("GLS", "PostNord", "postnord mypack", "DAO", "dao365", "Bring", "Posten")
CARRIERS += ("DHL.se", "PostNord Sverige AB", "UPS", "Budbee", "Instabox", "instabee")


class TestTrackingUrl:
    @pytest.mark.parametrize("carrier", CARRIERS)
    @pytest.mark.parametrize("language", ["da", "de", "sv", "", "../x"])
    def test_leads_to_the_carriers_page(self, carrier: str, language: str) -> None:
        url = tracking_url(carrier, " 370 / 7?x#y&z ", language)
        assert url.startswith("https://")
        assert "370%20%2F%207%3Fx%23y%26z" in url
        assert ".." not in url

    @pytest.mark.parametrize(
        ("carrier", "number"),
        [("Pigeon", "1"), ("", "1"), ("GLS", ""), ("GLS", " "), ("x" * 99, "1")],
    )
    def test_leads_nowhere_without_carrier_or_number(self, carrier: str, number: str) -> None:
        assert tracking_url(carrier, number, "en") == ""

    @pytest.mark.parametrize("number", ["..", "{0}", "{language}", "\ud83d", "é\n"])
    def test_a_number_is_no_more_than_a_number(self, number: str) -> None:
        url = tracking_url("budbee", number, "en")
        assert url.removeprefix("https://tracking.budbee.com/").isalnum() or "%" in url
        assert "/.." not in url
