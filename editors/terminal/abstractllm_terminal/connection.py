"""JSON-RPC over a pair of streams, framed as LSP has it."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from abstractllm_terminal.errors import RequestFailed, ServerGone

Json: TypeAlias = dict[str, Any]

CANCEL_REQUEST = "$/cancelRequest"
METHOD_NOT_FOUND = -32601
REQUEST_CANCELLED = -32800


@attrs.frozen(eq=False)
class Question:
    """A request of the server's.

    `answer` is cancelled where the server takes the question back, or is gone; who
    cancels it refuses to answer.
    """

    params: Json
    answer: asyncio.Future[Json]


class Connection:
    """Asks the server and hands on what it sends unasked.

    `on_question` are those who take its requests, by method; what they answer is sent.
    `on_end` is called once, when nothing more can come; whoever still waits for an
    answer then gets `ServerGone`.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_notification: Callable[[str, Json], None],
        on_question: Mapping[str, Callable[[Question], None]],
        on_end: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_notification = on_notification
        self._on_question = on_question
        self._on_end = on_end
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._questions: dict[int | str, Question] = {}
        self._reading = asyncio.create_task(self._read())

    async def request(self, method: str, params: Json | None = None) -> Any:
        """Return the result of a request; raises `RequestFailed` and `ServerGone`."""
        request_id = next(self._ids)
        answer = asyncio.get_running_loop().create_future()
        self._answers[request_id] = answer
        try:
            await self._send({"id": request_id, "method": method, "params": params})
            return await answer
        finally:
            del self._answers[request_id]

    async def notify(self, method: str, params: Json | None = None) -> None:
        """Send a notification; raises `ServerGone`."""
        await self._send({"method": method, "params": params})

    async def close(self) -> None:
        """Stop reading."""
        self._reading.cancel()
        await asyncio.wait([self._reading])

    async def _send(self, message: Json) -> None:
        if self._reading.done():
            raise ServerGone
        self._write(message)
        try:
            await self._writer.drain()
        except OSError as error:
            raise ServerGone from error

    def _write(self, message: Json) -> None:
        text = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False)
        body = text.encode("utf-8", "replace")  # arguments may hold surrogates
        self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        try:
            while True:
                self._receive(await self._read_message())
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            pass  # the end, or something that is no JSON-RPC
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ServerGone())
            while self._questions:
                _, question = self._questions.popitem()
                question.answer.cancel()
            self._on_end()

    async def _read_message(self) -> Json:
        length = 0
        while line := (await self._reader.readuntil(b"\n")).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: Json = json.loads(await self._reader.readexactly(length))
        return message

    def _receive(self, message: Json) -> None:
        params = message.get("params") or {}
        if "method" not in message:
            self._settle(message)
        elif "id" in message:
            self._be_asked(message["id"], message["method"], params)
        elif message["method"] != CANCEL_REQUEST:
            self._on_notification(message["method"], params)
        elif question := self._questions.get(params["id"]):
            question.answer.cancel()

    def _be_asked(self, request_id: int | str, method: str, params: Json) -> None:
        take = self._on_question.get(method)
        if take is None:
            sentence = f"The terminal client does not answer {method}."
            self._refuse(request_id, METHOD_NOT_FOUND, sentence)
            return
        question = Question(params, asyncio.get_running_loop().create_future())
        self._questions[request_id] = question
        question.answer.add_done_callback(lambda _: self._answer(request_id))
        take(question)

    def _answer(self, request_id: int | str) -> None:
        question = self._questions.pop(request_id, None)
        if question is None:  # the server is gone
            return
        if question.answer.cancelled():
            self._refuse(
                request_id, REQUEST_CANCELLED, "The question was not answered."
            )
        else:
            self._write({"id": request_id, "result": question.answer.result()})

    def _refuse(self, request_id: int | str, code: int, sentence: str) -> None:
        self._write({"id": request_id, "error": {"code": code, "message": sentence}})

    def _settle(self, message: Json) -> None:
        answer = self._answers.get(message.get("id", 0))
        if answer is None or answer.done():
            return
        if error := message.get("error"):
            answer.set_exception(RequestFailed(error["message"]))
        else:
            answer.set_result(message.get("result"))
