"""A server that speaks the wires of OpenAI, Anthropic and Ollama, for tests.

    vendors = VendorServer().start()            # or the fixture `vendors`
    llm = create_llm("anthropic", **vendors.config("anthropic"))
    vendors.will(Reply(text=["Hel", "lo"]))     # what it answers next, in order
    ...
    vendors.requests[-1].body                   # what it was asked
    vendors.connections                         # over how many connections
    vendors.wait_for_disconnect()               # the client left in mid-stream

A script says what happens, not in which vendor's words:

    Reply(text, thinking, redacted, tool_calls, usage, stop)     a whole reply
    Failure(status, code, type, message, headers)                an error instead
    Broken(failure, after)        an error event after some deltas
    Cut(after, cleanly)           the connection ends after some deltas
    Malformed(after)              something that cannot be read, after some deltas
    Stall(after)                  nothing but heartbeats, until the client leaves
    Held(gate, after)             waits for a `threading.Event` after some deltas

With no script left it says "You said: " and the last user message. A `Failure` answers
requests for the list of models as well; other scripts wait for a chat request.

It listens on 127.0.0.1, each request in a thread of its own, so it serves a test's
event loop as well as a language server in a subprocess.
"""

from tests.vendors.scripts import (
    Broken,
    Call,
    Counts,
    Cut,
    Failure,
    Held,
    Malformed,
    Model,
    Reply,
    Script,
    Stall,
)
from tests.vendors.server import Received, VendorServer

__all__ = [
    "Broken",
    "Call",
    "Counts",
    "Cut",
    "Failure",
    "Held",
    "Malformed",
    "Model",
    "Received",
    "Reply",
    "Script",
    "Stall",
    "VendorServer",
]
