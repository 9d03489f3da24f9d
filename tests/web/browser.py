"""A headless Chromium, spoken to in its own protocol (chromedevtools.github.io)."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, Process
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 30.0  # seconds until what does not come is missed
_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--remote-debugging-port=0", "--window-size=1200,760"),
)


class Page:
    """A page with a terminal in it: what it asked for, and what the terminal was sent."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.requested: list[str] = []
        self.sent = ""  # all that the program wrote, escape sequences included
        self.closed = False  # the terminal's connection has ended

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        number = next(self._numbers)
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        return await asyncio.wait_for(reply, PATIENCE)

    async def listen(self) -> None:
        """Take in what the browser tells, until it ends."""
        async for message in self._socket:
            told = message.json()
            if "id" in told:
                self._replies.pop(told["id"]).set_result(told.get("result", {}))
            elif told["method"] == "Network.requestWillBeSent":
                self.requested.append(told["params"]["request"]["url"])
            elif told["method"] == "Network.webSocketCreated":
                self.requested.append(told["params"]["url"])
            elif told["method"] == "Network.webSocketClosed":
                self.closed = True
            elif told["method"] == "Network.webSocketFrameReceived":
                frame = told["params"]["response"]
                if frame["opcode"] == 2:
                    self.sent += b64decode(frame["payloadData"]).decode(errors="replace")

    async def press(self, key: str) -> None:
        """Press a key that is a letter."""
        for type in ("keyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=type, text=key, key=key)

    async def until(self, *texts: str) -> None:
        """Wait until the program has written *texts*, and forget all that it wrote."""
        async with asyncio.timeout(PATIENCE):
            while not all(text in self.sent for text in texts):
                await asyncio.sleep(0.02)
        self.sent = ""


@asynccontextmanager
async def page(url: str, profile: Path) -> AsyncIterator[Page]:
    """Show *url* in a browser that keeps its files in *profile*."""
    assert CHROMIUM is not None
    chromium = await asyncio.create_subprocess_exec(
        *(CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"),
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        async with (
            ClientSession() as session,
            session.ws_connect(await _address(session, profile), max_msg_size=0) as socket,
        ):
            shown = Page(socket)
            listening = asyncio.create_task(shown.listen())
            await shown.call("Network.enable")
            await shown.call("Page.navigate", url=url)
            yield shown
            listening.cancel()
    finally:
        await _end(chromium)


async def _address(session: ClientSession, profile: Path) -> str:
    """Return where the browser's first page is spoken to, as soon as there is one."""
    told = profile / "DevToolsActivePort"
    async with asyncio.timeout(PATIENCE):
        while not (told.exists() and told.read_text().count("\n")):
            await asyncio.sleep(0.02)
        port = told.read_text().splitlines()[0]
        while True:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                pages = [each for each in await answer.json() if each["type"] == "page"]
            if pages:
                return str(pages[0]["webSocketDebuggerUrl"])
            await asyncio.sleep(0.02)


async def _end(chromium: Process) -> None:
    if chromium.returncode is None:
        chromium.terminate()
    await chromium.wait()
