"""JSON-RPC as the specification has it, where pygls answers wrongly or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from concurrent.futures import Future
from typing import Any

import orjson
from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import (
    FeatureNotificationError,
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import (
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    LanguageServerProtocol,
    default_converter,
    lsp_method,
)
from pygls.protocol.json_rpc import JsonRPCNotification

from abstractllm.messages import new_id
from abstractllm_server.errors import response_error
from abstractllm_server.reader import MALFORMED


def plain_converter() -> Converter:
    """Return pygls's converter, but with the params of our methods left as they are.

    pygls would make namedtuples of them, whose fields cannot have every key's name.
    """
    converter: Converter = default_converter()
    envelopes = (JsonRPCRequestMessage, JsonRPCNotification, JsonRPCResponseMessage)
    for envelope in envelopes:
        names = envelope.__annotations__

        def structure(data: Any, cls: Any, names: Any = names) -> Any:
            return cls(**{name: data.get(name) for name in names})

        converter.register_structure_hook(envelope, structure)
    return converter


class Protocol(LanguageServerProtocol):
    """Answers every request exactly once, whatever it holds and whenever it comes."""

    _initialized = False

    @property
    def shutdown_requested(self) -> bool:
        """Whether the client asked for `shutdown`."""
        return self._shutdown

    def receive(self, message: Any) -> None:
        """Handle one message as it was parsed from the wire."""
        try:
            self._check(message)
            structured = self._structure(message)
        except JsonRpcException as error:
            self._refuse(message, error)
            return
        self.handle_message(structured)

    def _refuse(self, message: Any, error: JsonRpcException) -> None:
        """Answer a message that is not let through, unless nobody waits for that."""
        if isinstance(message, dict):
            if "method" not in message and {"result", "error"} & message.keys():
                self._give_up(message.get("id"))
                return
            if "method" in message and "id" not in message:
                return
        answer = {
            "jsonrpc": self.VERSION,
            # JSON-RPC has `null` answer a message whose id cannot be told; pygls's own
            # response would leave it out.
            "id": message.get("id") if isinstance(message, dict) else None,
            "error": self._converter.unstructure(response_error(error)),
        }
        self._send_data(answer)

    def _give_up(self, question: Any) -> None:
        """Have a question fail whose answer cannot be read."""
        asked = isinstance(question, str)
        future = self._request_futures.pop(question, None) if asked else None
        if future is not None:
            future.set_exception(
                JsonRpcInvalidParams("The answer has the wrong shape.")
            )

    def _check(self, message: Any) -> None:
        if message is MALFORMED:
            raise JsonRpcParseError("The message is not JSON.")
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            raise JsonRpcInvalidRequest("The message is not JSON-RPC 2.0.")
        if "method" not in message:
            if not {"result", "error"} & message.keys():
                raise JsonRpcInvalidRequest("The message names no method.")
            return
        method = message["method"]
        if method == types.EXIT:
            return
        if self._shutdown:
            raise JsonRpcInvalidRequest("The server is shutting down.")
        if not self._initialized and method != types.INITIALIZE:
            raise JsonRpcServerNotInitialized("Send `initialize` first.")
        if self._initialized and method == types.INITIALIZE:
            raise JsonRpcInvalidRequest("The server is initialized already.")
        if "id" in message:
            self._check_method(method)

    def _check_method(self, method: Any) -> None:
        known = {*self.fm.builtin_features, *self.fm.features}
        if method not in known:
            raise JsonRpcMethodNotFound(f"There is no method {method!r}.")

    def _structure(self, message: dict[str, Any]) -> Any:
        # `params` may be left out, and pygls tells messages apart by attributes.
        if "method" in message:
            message.setdefault("params", None)
        try:
            structured = self.structure_message(message)
        except JsonRpcException as error:
            raise JsonRpcInvalidParams(
                f"The parameters of {message.get('method')} have the wrong shape."
            ) from error
        self._initialized |= message.get("method") == types.INITIALIZE
        return structured

    def _send_data(self, data: Any) -> None:
        """Hand a message to the writer.

        pygls walks through all of it with its converter first, and then with Python's
        own JSON; what our methods answer and tell is JSON already.
        """
        try:
            body = orjson.dumps(data, default=self._plain)
        except orjson.JSONEncodeError:  # half a character, or more than 64 bits
            super()._send_data(data)
            return
        assert self.writer is not None, "nothing is sent before `serve`"
        self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def _plain(self, value: Any) -> Any:
        match value:
            case JsonRPCNotification(method=method, params=params):
                return {"jsonrpc": self.VERSION, "method": method, "params": params}
            case JsonRPCResponseMessage(id=id, result=result):
                return {"jsonrpc": self.VERSION, "id": id, "result": result}
            case _:
                return self._serialize_message(value)

    async def ask(self, method: str, params: Any) -> Any:
        """Ask the client, for as long as it takes, and return its result.

        Raises `JsonRpcException`, which is its error. Cancelled, it takes the question
        back.
        """
        question = new_id()
        answer: Future[Any] = Future()
        self._request_futures[question] = answer
        self._result_types[question] = self.get_result_type(method)
        self._send_plain(method, params, id=question)
        try:
            return await asyncio.wrap_future(answer)
        except asyncio.CancelledError:
            self._request_futures.pop(question, None)
            self._result_types.pop(question, None)
            self._send_plain(types.CANCEL_REQUEST, {"id": question})
            raise

    def _send_plain(self, method: str, params: Any, **fields: str) -> None:
        """Send a message whose params may be JSON, also where pygls has a class."""
        message = {"jsonrpc": self.VERSION, "method": method, "params": params}
        self._send_data({**message, **fields})

    def _send_handler_result(self, future: Future[Any], *, msg_id: Any) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            cancelled = JsonRpcRequestCancelled("The request was cancelled.")
            self._send_response(msg_id, error=response_error(cancelled))
        elif error := future.exception():
            self._send_response(msg_id, error=response_error(_as_exception(error)))
        else:
            self._send_response(msg_id, result=future.result())

    def _check_handler_result(self, future: Future[Any]) -> None:
        if not future.cancelled() and (error := future.exception()):
            self._server._report_server_error(
                _as_exception(error), FeatureNotificationError
            )

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> Generator[Any, Any, None]:
        """End the server."""
        self._server.shutdown()
        yield from ()


def _as_exception(error: BaseException) -> Exception:
    if isinstance(error, Exception):
        return error
    raise error
