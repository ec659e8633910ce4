"""The tracking APIs of PostNord (version 5) and GLS Group (version 1)."""

import base64
from typing import Any
from urllib.parse import unquote

from chatbot.systems.ports import TrackedState
from tests.chatbot.systems.fakes.server import FakeSystem, Reply, Seen

KEY = "postnord-key"
POSTNORD = {
    TrackedState.ANNOUNCED: ("00370730251234567800", "INFORMED"),
    TrackedState.UNDER_WAY: ("00370730251234567801", "EN_ROUTE"),
    TrackedState.READY: ("00370730251234567802", "AVAILABLE_FOR_DELIVERY"),
    TrackedState.DELIVERED: ("00370730251234567803", "DELIVERED"),
    TrackedState.RETURNED: ("00370730251234567804", "RETURNED"),
    TrackedState.FAILED: ("00370730251234567805", "DELIVERY_REFUSED"),
}
GLS = {
    TrackedState.ANNOUNCED: ("50412345670", "PREADVICE", "INTIAL.PREADVICE"),
    TrackedState.UNDER_WAY: ("50412345671", "INTRANSIT", "INBOUD.NORMAL"),
    TrackedState.OUT_FOR_DELIVERY: ("50412345672", "INDELIVERY", "OUTDEL.NORMAL"),
    TrackedState.READY: ("50412345673", "DELIVEREDPS", "DELIVD.PARCELSHOP"),
    TrackedState.DELIVERED: ("50412345674", "DELIVERED", "DELIVD.NORMAL"),
    TrackedState.RETURNED: ("50412345675", "INTRANSIT", "RETURN.NORMAL"),
    TrackedState.FAILED: ("50412345676", "NOTDELIVERED", "NOTDEL.NORMAL"),
}


class FakePostNord(FakeSystem):
    """PostNord's Track & Trace."""

    def answer(self, seen: Seen) -> Reply:
        """Answer findByIdentifier."""
        if seen.path != "/rest/shipment/v5/trackandtrace/findByIdentifier.json":
            return 404, {"message": "no Route matched with those values"}, {}
        if seen.query.get("apikey") != KEY:
            return 403, {"message": "Invalid authentication credentials"}, {}
        asked = seen.query.get("id", "")
        for number, status in POSTNORD.values():
            if asked == number:
                return (
                    200,
                    {"TrackingInformationResponse": {"shipments": [_shipment(number, status)]}},
                    {},
                )
        fault = {"faults": [{"faultCode": "NO_SHIPMENT_FOUND", "explanationText": "…"}]}
        return 200, {"TrackingInformationResponse": {"compositeFault": fault, "shipments": []}}, {}


def _shipment(number: str, status: str) -> dict[str, Any]:
    is_delivered = status == "DELIVERED"
    return {
        "shipmentId": f"S{number}",
        "status": status,
        "statusText": {"header": "Pakken", "body": "…"},
        "estimatedTimeOfArrival": "2026-05-15T16:00:00",
        "items": [
            {
                "itemId": number,
                "status": status,
                "deliveryDate": "2026-05-14T00:30:00" if is_delivered else None,
                "events": [
                    {
                        "eventTime": "2026-05-14T00:30:00",
                        "eventCode": "Z",
                        "eventDescription": "Sidste hændelse",
                        "location": {"displayName": "Aarhus C", "city": "Aarhus"},
                    },
                    {"eventTime": "2026-05-12T08:00:00", "eventDescription": "Første"},
                ],
            }
        ],
    }


class FakeGls(FakeSystem):
    """GLS Group's token service and Track & Trace. `revoke` takes the tokens back."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = 0

    def revoke(self) -> None:
        """Make the tokens that were given invalid."""
        self.tokens += 1

    def answer(self, seen: Seen) -> Reply:
        """Answer for a token, or with it."""
        basic = "Basic " + base64.b64encode(b"app:secret").decode()
        if seen.path == "/oauth2/v2/token":
            if seen.headers.get("authorization") != basic or b"client_credentials" not in seen.body:
                return 401, {"error": "invalid_client"}, {}
            self.tokens += 1
            token = {"access_token": f"t{self.tokens}", "token_type": "Bearer", "expires_in": 14400}
            return 200, token, {}
        if seen.headers.get("authorization") != f"Bearer t{self.tokens}":
            return 401, {"error": "invalid_token"}, {}
        head = "/track-and-trace-v1/tracking/simple/trackids/"
        if not seen.path.startswith(head):
            return 404, {"message": "No static resource"}, {}
        asked = unquote(seen.path.removeprefix(head))
        for number, status, code in GLS.values():
            if number == asked:
                event = {
                    "code": code,
                    "city": "Kolding",
                    "postalCode": "6000",
                    "country": "DK",
                    "description": "The parcel …",
                    "eventDateTime": "2026-05-14T09:40:00+0200",
                }
                parcel = {
                    "requested": number,
                    "unitno": number,
                    "status": status,
                    "statusDateTime": "2026-05-14T09:40:00+0200",
                    "events": [event, {**event, "code": "INTIAL.PREADVICE"}],
                }
                return 200, {"parcels": [parcel]}, {}
        unknown = {"requested": asked, "errorCode": "E_404_01", "errorMessage": "Not Found"}
        return 200, {"parcels": [unknown]}, {}
