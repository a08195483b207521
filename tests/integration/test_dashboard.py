"""The dashboard's server: whom it answers, what it reaches for, and how it refuses to start."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from pathlib import Path

import pytest

pytest.importorskip("shiny", reason="needs the extra `dashboard`")

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from regional_sim.cli import terminal
from regional_sim.dashboard import server
from tests.support.cli import invoke
from tests.support.dashboards import Served, dashboard_of
from tests.support.processes import happens, is_alive


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("dashboard")
    with dashboard_of(folder, "two_states", "--seed", "7") as dashboard:
        yield dashboard


def answer(served: Served, path: str = "/", **headers: str) -> tuple[int, Message, str]:
    """Ask for a path; return status, headers and text."""
    with closing(http.client.HTTPConnection("127.0.0.1", served.port)) as connection:
        connection.putrequest("GET", path, skip_host=True)
        for name, value in ({"Host": f"127.0.0.1:{served.port}"} | headers).items():
            connection.putheader(name, value)
        connection.endheaders()
        with connection.getresponse() as response:
            return response.status, response.headers, response.read().decode()


def test_the_page_is_whole_and_names_no_other_address(served: Served) -> None:
    status, headers, text = answer(served)
    assert status == 200
    assert "http://" not in text
    assert "https://" not in text
    assert "$" not in text.replace("$shiny", "")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "[::1]", ""])
def test_a_foreign_host_is_refused(served: Served, host: str) -> None:
    assert answer(served, Host=host.format(port=served.port))[0] == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"]
)
@pytest.mark.parametrize("path", ["/", "/dashboard.js", "/session/x/download/y"])
def test_a_foreign_origin_is_refused(served: Served, origin: str, path: str) -> None:
    assert answer(served, path, Origin=origin.format(port=served.port))[0] == 403


def test_its_own_names_are_answered(served: Served) -> None:
    own = f"localhost:{served.port}"
    assert answer(served, Host=own, Origin=f"http://{own}")[0] == 200


def test_it_listens_on_this_machine_only(served: Served) -> None:
    with pytest.raises(OSError, match=r"refused|unreachable|not"):
        socket.create_connection((own_address(), served.port), timeout=10)


def own_address() -> str:
    """Return an address of this machine that is not the one that is served."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return "127.0.0.2"
        found = probe.getsockname()[0]
    return "127.0.0.2" if found.startswith("127.") else found


async def status_of_socket(served: Served, name: str, origin: str | None) -> int:
    """Ask for a socket by some name, from a page of some origin."""
    place = {"host": "127.0.0.1", "port": served.port}
    try:
        async with connect(f"ws://{name}/websocket/", origin=origin, **place):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


def test_a_socket_of_another_site_is_refused(served: Served) -> None:
    own = served.address.removeprefix("http://")
    for name, origin, status in (
        (own, served.address, 101),
        (own, "http://evil.example", 403),
        ("evil.example", None, 403),
        ("evil.example", "http://evil.example", 403),
    ):
        assert asyncio.run(status_of_socket(served, name, origin)) == status


async def conversation(served: Served, *actions: dict[str, object]) -> list[dict[str, object]]:
    """Send actions as the page does, and return what is shown at first and after each."""
    shown = []
    async with connect(f"ws://127.0.0.1:{served.port}/websocket/", max_size=None) as page:

        async def next_shown() -> None:
            while True:
                message = json.loads(await page.recv())
                if "show" in message.get("custom", {}):
                    shown.append(message["custom"]["show"])
                    return

        await page.send(json.dumps({"method": "init", "data": {}}))
        await next_shown()
        for action in actions:
            await page.send(json.dumps({"method": "update", "data": {"act": action}}))
            await next_shown()
    return shown


def test_it_answers_and_reaches_out_to_nobody(served: Served) -> None:
    step = {"what": "step", "name": "", "value": ""}
    level = {"what": "level", "name": "joint_patrols", "value": "0.4"}
    start, stepped, moved = asyncio.run(conversation(served, step, level))
    assert stepped["month"] == start["month"] + 1 == moved["month"]
    assert moved["postures"]["second"] == "own_levels"
    assert moved["html"]["metrics"] != stepped["html"]["metrics"]
    assert served.reached_out() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_it_ends_when_it_is_interrupted(tmp_path: Path) -> None:
    with dashboard_of(tmp_path, "two_states") as dashboard:
        assert answer(dashboard)[0] == 200
        os.kill(dashboard.pid, signal.SIGINT)
        assert happens(lambda: not is_alive(dashboard.pid))


# ------------------------------------------------------------------------------ how it refuses


def refused(*arguments: object) -> str:
    (line,) = invoke("dashboard", "--no-browser", *arguments, code=2).stderr.splitlines()
    return line


def test_a_port_in_use(served: Served) -> None:
    said = refused("two_states", "--port", served.port)
    assert f"--port: this port cannot be used: address already in use; got {served.port}" in said
    assert "--port 0 takes a free one" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["four_stats"], "did you mean 'four_states'?"),
        (["none.yaml"], "none.yaml"),
        (["two_states", "--port", "70000"], "not a port; got 70000; allowed: 0 to 65535"),
        (["two_states", "--seed", "-1"], "not a seed"),
        (["two_states", "-p", "new_aproach"], "did you mean 'new_approach'?"),
        (["two_states", *["-p", "traditional"] * 3], "the page has two sides"),
    ],
)
def test_what_cannot_be_served_is_refused_in_words(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in refused(*arguments)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "find_spec", lambda _: None)
    said = refused("two_states")
    assert said == (
        "error: the dashboard needs Shiny for Python, which is not installed;"
        " pip install 'regional_sim[dashboard]'"
    )


def test_it_opens_the_browser_unless_told_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def served_at_once(*_: object, opens_browser: bool, ready, **__: object) -> None:
        ready("http://here")
        asked.append(opens_browser)

    monkeypatch.setattr(server, "serve", served_at_once)
    monkeypatch.setattr(terminal, "compile_model", lambda: None)
    told = invoke("dashboard", "two_states", "--port", 0, code=0).stdout
    assert "The dashboard is at http://here (Ctrl-C ends it)" in told
    invoke("dashboard", "two_states", "--port", 0, "--no-browser", code=0)
    assert asked == [True, False]
