"""The debugger as a web page: textual-serve, on this machine only and behind a secret."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from secrets import token_urlsafe

from aiohttp import web
from aiohttp.typedefs import Middleware
from textual_serve.server import Server

from laban.store.errors import LabanError

HOST = "127.0.0.1"
_PAGES = Path(__file__).parent
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the address is the secret
    "X-Content-Type-Options": "nosniff",
}


class PortError(LabanError):
    """Nothing can listen on the port."""


def serve_command(command: str, title: str, port: int, ready: Callable[[str], None]) -> None:
    """
    Run the shell *command*, a Textual program, for each browser tab, until Ctrl-C.

    Listens on 127.0.0.1, on any free port when *port* is 0, and tells `ready` the URL, which
    ends in a secret of 128 bits: any other path is not found. Raises PortError.
    """
    with _listening(port) as listener:
        port = listener.getsockname()[1]
        origin = f"http://{HOST}:{port}"
        server = Server(command, HOST, port, title, origin, templates_path=_PAGES)
        asyncio.run(_serve(server, origin, listener, ready))


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise PortError(
            f"Nothing can listen on port {port} of {HOST}: {error.strerror}. "
            "Without --port, a free one is taken."
        ) from error
    return listener


async def _serve(
    server: Server, origin: str, listener: socket.socket, ready: Callable[[str], None]
) -> None:
    secret = token_urlsafe(16)
    page = await server._make_app()  # textual-serve has no public way to its pages
    page.on_startup.clear()  # its greeting names the command
    page.router.add_get("/page.js", _script)
    root = web.Application(middlewares=[_careful(origin)])
    root.add_subapp(f"/{secret}", page)
    runner = web.AppRunner(root, access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        ready(f"{origin}/{secret}/")
        await _until_interrupted()
    finally:
        await runner.cleanup()


async def _script(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(_PAGES / "page.js")


def _careful(origin: str) -> Middleware:
    """Refuse requests under another name or from other pages, and keep the secret a secret."""

    @web.middleware
    async def careful(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if f"http://{request.host}" != origin or request.headers.get("Origin", origin) != origin:
            raise web.HTTPForbidden(text="Ask under the address that `laban serve` printed.")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    return careful


async def _until_interrupted() -> None:
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    await ended.wait()
