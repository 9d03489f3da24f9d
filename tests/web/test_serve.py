"""The debugger in a browser."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from laban.store.sqlite import SqliteLog
from tests.tui.driver import shop_log
from tests.web.browser import CHROMIUM, Page, page


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("served") / "shop's.laban"  # a name that a shell would split
    log = SqliteLog.create(path)
    log.append(*shop_log().read())
    log.close()
    return path


@pytest.fixture(scope="module")
def url(log: Path) -> Iterator[str]:
    """Serve the log; give the address that was printed."""
    command = [sys.executable, "-m", "laban", "serve", str(log), "--at", "4"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdout is not None
        yield server.stdout.readline().decode().strip()
        server.send_signal(signal.SIGINT)
        assert server.wait(10) == 0


def status(url: str, path: str, **headers: str) -> int:
    """Ask the server at *url* for *path* and return the status."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_only_who_knows_the_secret_is_let_in(url: str) -> None:
    secret = urlsplit(url).path

    assert urlsplit(url).hostname == "127.0.0.1"
    assert len(secret.strip("/")) >= 22  # 128 bits
    assert status(url, secret) == 200
    for path in ("/", "/ws", "/static/js/textual.js", secret[:-2] + "/"):
        assert status(url, path) == 404


def test_another_page_or_name_is_refused_though_it_knows_the_secret(url: str) -> None:
    secret = urlsplit(url).path

    assert status(url, secret, Host="rebound.example:80") == 403
    assert status(url, f"{secret}ws", Origin="http://elsewhere.example") == 403


def test_a_taken_port_is_one_line_of_trouble(url: str, log: Path) -> None:
    port = str(urlsplit(url).port)

    done = subprocess.run(
        [sys.executable, "-m", "laban", "serve", str(log), "--port", port],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert f"Nothing can listen on port {port}" in done.stderr


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_browser_shows_the_debugger_which_takes_keys_and_asks_nobody_else(
    url: str, tmp_path: Path
) -> None:
    async def use(shown: Page) -> None:
        await shown.until("shop's.laban", "PaymentTaken")
        await shown.press("n")
        await shown.until("step: @5")
        await shown.press("q")
        while not shown.closed:
            await asyncio.sleep(0.02)

    async def run() -> list[str]:
        async with page(url, tmp_path / "profile") as shown, asyncio.timeout(60):
            await use(shown)
            return shown.requested

    requested = asyncio.run(run())

    assert len(requested) >= 4
    assert {urlsplit(each).netloc for each in requested if each != "about:blank"} == {
        urlsplit(url).netloc
    }
