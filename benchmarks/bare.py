"""The yardstick: the least that an aiohttp server can do with a webhook, read the body and answer 200."""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web


async def answer(request: web.Request) -> web.Response:
    """Read the body and do nothing with it."""
    await request.read()
    return web.Response(body=b"ok")


async def serve() -> None:
    """Serve on a free port, say which, and stay."""
    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)  # the log alone would halve it
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    sys.stderr.write(f"listening on http://{host}:{port}\n")
    sys.stderr.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
