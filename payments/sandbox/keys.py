"""What the sandbox's application holds."""

from aiohttp import web

from payments.sandbox.engine import Sandbox

SANDBOX = web.AppKey("sandbox", Sandbox)
