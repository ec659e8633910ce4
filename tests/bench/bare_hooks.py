"""The least that a webhook takes on daphne: verify the signature, answer 200. Its own process.

python -m tests.bench.bare_hooks '{"port": 8000, "slack": secret, "telegram": ..., "http": ...}'
"""

import hmac
import json
import sys
import time
from typing import Any

from channels_adapters.http import signing


def main() -> None:
    """Serve on a port of loopback until told to end."""
    from daphne.server import Server

    spec = json.loads(sys.argv[1])
    key = signing.key_of(spec["http"])

    def is_right(path: str, headers: dict[str, str], body: bytes) -> bool:
        if path.startswith("/hooks/slack/"):
            signed = b"v0:%s:%s" % (headers["x-slack-request-timestamp"].encode(), body)
            made = hmac.new(spec["slack"].encode(), signed, "sha256").hexdigest()
            return hmac.compare_digest(f"v0={made}", headers["x-slack-signature"])
        if path.startswith("/hooks/telegram/"):
            given = headers["x-telegram-bot-api-secret-token"]
            return hmac.compare_digest(given, spec["telegram"])
        signing.check(headers, body, key, now=time.time())
        return True

    async def application(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status = 200 if is_right(scope["path"], headers, body) else 401
        length = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": status, "headers": length})
        await send({"type": "http.response.body", "body": b""})

    Server(
        application,
        endpoints=[f"tcp:port={spec['port']}:interface=127.0.0.1"],
        ready_callable=lambda: print("ready", flush=True),
        server_name="bare",
        verbosity=0,
    ).run()


if __name__ == "__main__":
    main()
