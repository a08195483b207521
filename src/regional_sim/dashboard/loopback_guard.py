"""Who may talk to the page: only a browser of this machine that has opened the page itself.

Any site that a browser visits can send requests to this machine, or have its own name point to it.
Both are told by the headers Host and Origin, and refused.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from hashlib import sha256
from typing import Any, Final, TypeAlias

LOOPBACK: Final = "127.0.0.1"
"""The only address that the server listens on."""

_NAMES: Final = (LOOPBACK, "localhost")

_USUAL_PORT: Final = 80
"""Port of HTTP, which browsers leave out of Host and Origin."""

_POLICY: Final = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self'; connect-src 'self' {sockets}; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)

_Message: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[_Message]]
_Send: TypeAlias = Callable[[_Message], Awaitable[None]]
_Asgi: TypeAlias = Callable[[Any, _Receive, _Send], Awaitable[None]]


class LoopbackGuard:
    """An ASGI application before another one, which refuses foreign requests with 403.

    Parameters
    ----------
    app : callable
        The application that answers all other requests.
    port : int
        The port that the server listens on.
    html : str
        The page, whose own scripts may run.
    """

    def __init__(self, app: _Asgi, port: int, html: str) -> None:
        self.app = app
        self.hosts = {f"{name}:{port}" for name in _NAMES}
        if port == _USUAL_PORT:
            self.hosts |= set(_NAMES)
        self.origins = {f"http://{host}" for host in self.hosts}
        scripts = " ".join(f"'sha256-{digest}'" for digest in _inline_scripts(html))
        sockets = " ".join(sorted(f"ws://{host}" for host in self.hosts))
        self.headers = [
            (b"content-security-policy", _POLICY.format(scripts=scripts, sockets=sockets).encode()),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
        ]

    async def __call__(self, scope: Any, receive: _Receive, send: _Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
        elif not self.is_own(scope):
            await _refuse(scope, send)
        else:
            await self.app(scope, receive, self._with_headers(send))

    def is_own(self, scope: Mapping[str, Any]) -> bool:
        """Tell whether a request names this server, and comes from its own page if from any."""
        hosts = _values(scope, b"host")
        origins = _values(scope, b"origin")
        return len(hosts) == 1 and hosts[0] in self.hosts and set(origins) <= self.origins

    def _with_headers(self, send: _Send) -> _Send:
        async def sent(message: _Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *self.headers]}
            await send(message)

        return sent


def _inline_scripts(html: str) -> list[str]:
    """Return the digests of the scripts that stand in the page itself: some of Shiny's do."""
    texts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    return [b64encode(sha256(text.encode()).digest()).decode() for text in texts]


def _values(scope: Mapping[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1").lower() for key, value in scope["headers"] if key == name]


async def _refuse(scope: Mapping[str, Any], send: _Send) -> None:
    """Send 403; a websocket that is closed before it is accepted is answered so, too."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    what = (
        "refused: this page is only for a browser of this machine that opened it by its address\n"
    )
    await send({"type": "http.response.body", "body": what.encode()})
