"""The program behind the page: Shiny carries messages, and uvicorn serves on this machine only."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final

from regional_sim.dashboard.controls import Controls
from regional_sim.dashboard.loopback_guard import LOOPBACK, LoopbackGuard
from regional_sim.dashboard.page import STATIC, page
from regional_sim.dashboard.view import View
from regional_sim.errors import InputError, os_reason

LAST_PORT: Final = 65535


def require_shiny() -> None:
    """Refuse to go on where the libraries of the dashboard are not installed."""
    if find_spec("shiny") is None:
        what = "the dashboard needs Shiny for Python, which is not installed"
        raise InputError(what, hint="pip install 'regional_sim[dashboard]'")


def dashboard_app(controls: Controls, imports: tuple[str, ...] = ()) -> Any:
    """Return the page as a Shiny application; each browser tab has a view of its own."""
    from shiny import App, reactive
    from shiny.ui import page_html

    opened = View.opened(controls, imports)

    def server(input: Any, output: Any, session: Any) -> None:  # noqa: ARG001 (Shiny's names)
        view = reactive.value(opened)
        pace = reactive.value(opened.pace)

        def show(new: View) -> None:
            view.set(new)
            if new.pace != pace.get():
                pace.set(new.pace)

        @reactive.effect
        async def _send() -> None:
            await session.send_custom_message("show", view.get().shown())

        @reactive.effect
        @reactive.event(input.act)
        def _act() -> None:
            with reactive.isolate():
                show(view.get().after(input.act()))

        @reactive.effect
        def _play() -> None:
            seconds = pace.get()
            if seconds is not None:
                reactive.invalidate_later(seconds)
                with reactive.isolate():
                    show(view.get().stepped())

    return App(page_html(page(opened)), server, static_assets=STATIC)


def bound_socket(port: int) -> socket.socket:
    """Return a socket that listens on this machine only; port 0 takes any that is free.

    Raises
    ------
    InputError
        Where the port is no port, or is taken.
    """
    if not 0 <= port <= LAST_PORT:
        raise InputError("not a port", key="--port", value=port, allowed=f"0 to {LAST_PORT}")
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen()
    except OSError as error:
        listening.close()
        what = f"this port cannot be used: {os_reason(error)}"
        hint = "another dashboard may run; --port 0 takes a free one"
        raise InputError(what, key="--port", value=port, hint=hint) from None
    return listening


def serve(
    controls: Controls,
    listening: socket.socket,
    *,
    imports: tuple[str, ...] = (),
    opens_browser: bool = True,
    ready: Callable[[str], None],
) -> None:
    """Serve the page until the process is interrupted; `ready` is told its address."""
    import uvicorn

    port = listening.getsockname()[1]
    address = f"http://{LOOPBACK}:{port}"
    app = dashboard_app(controls, imports)
    config = uvicorn.Config(
        LoopbackGuard(app, port, app.ui["html"]),
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=1,
    )
    ready(address)
    if opens_browser:
        # The browser may ask for the page before the server runs: the socket listens already.
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    uvicorn.Server(config).run(sockets=[listening])
