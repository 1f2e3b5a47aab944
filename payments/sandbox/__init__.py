"""A stateful Stripe stand-in over HTTP: demo and tests drive the real library against it.

It keeps its state in a database of its own, checks every request against the parameter types
that the official library ships, signs and delivers webhooks, and can be made to misbehave.
"""

from payments.sandbox.app import build_sandbox
from payments.sandbox.keys import SANDBOX
from payments.sandbox.settings import SandboxSettings

__all__ = ["SANDBOX", "SandboxSettings", "build_sandbox"]
