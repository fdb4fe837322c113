"""The language server: the only one that sends to the editor, and its way to end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, BinaryIO, TypeVar

from lsprotocol import types
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer

from abstractllm_server.arguments import decode
from abstractllm_server.context import Context
from abstractllm_server.errors import InvalidArguments, error_to_json
from abstractllm_server.jsonrpc import Protocol, plain_converter
from abstractllm_server.keys import Keys
from abstractllm_server.progress import Progress, Stop
from abstractllm_server.protocol import VERSION, command_of
from abstractllm_server.reader import END, start_reader
from abstractllm_server.writer import Writer

logger = logging.getLogger(__name__)

Params = TypeVar("Params")

PARENT_SECONDS = 2.0
"""How often the server looks whether its parent still lives."""

CLOSE_SECONDS = 5.0
"""How long the end may take: to keep partial replies and stop local models."""


class Server(LanguageServer):
    """One editor's server, over one pair of streams."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(
            "abstractllm-ls",
            VERSION,
            protocol_cls=Protocol,
            converter_factory=plain_converter,
        )
        self.context = Context(editor=self)
        self.keys = Keys()
        self.client_options: dict[str, Any] = {}
        self.changed_settings: dict[str, Any] = {}
        self.settings_complaints: list[str] = []
        self._ended = asyncio.Event()

    def method(
        self,
        name: str,
        params_class: type[Params],
        handler: Callable[[Context, Params], Awaitable[dict[str, Any]]],
    ) -> None:
        """Open both doors to a handler: the method, and the command of its name."""

        async def on_message(params: Any) -> dict[str, Any]:
            return await handler(self.context, decode(params, params_class))

        async def on_command(*arguments: Any) -> dict[str, Any]:
            if len(arguments) > 1:
                raise InvalidArguments("The command takes one object.")
            return await on_message(arguments[0] if arguments else None)

        self.feature(name)(on_message)
        self.command(command_of(name))(on_command)

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Send one of our notifications."""
        self.protocol.notify(method, params)

    @property
    def shows_progress(self) -> bool:
        """Whether the editor, and no panel of ours, is to show what is under way."""
        window = self.client_capabilities.window
        has_panel = self.client_capability("panel") is True
        return window is not None and bool(window.work_done_progress) and not has_panel

    def show_progress(self, title: str, stop: Stop) -> Progress:
        """Have the editor show a piece of work; it calls `stop` to stop it."""
        return Progress(self.work_done_progress, title, stop)

    def client_capability(self, name: str) -> Any:
        """Return what `initializationOptions.capabilities` say; `None` if nothing."""
        capabilities = self.client_options.get("capabilities")
        return capabilities.get(name) if isinstance(capabilities, Mapping) else None

    async def ask(self, method: str, params: Any) -> Any:
        """Ask the editor, for as long as it takes; raises `JsonRpcException`.

        Cancelled, it takes the question back.
        """
        return await self.protocol.ask(method, params)

    def warn(self, message: str) -> None:
        """Show the user a sentence."""
        self.window_show_message(
            types.ShowMessageParams(type=types.MessageType.Warning, message=message)
        )

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Show the user why a notification of his editor could not be carried out.

        A failed request has its own answer.
        """
        if source is FeatureRequestError:
            return
        self.window_show_message(
            types.ShowMessageParams(
                type=types.MessageType.Error, message=error_to_json(error)["message"]
            )
        )

    async def serve(
        self, stdin: BinaryIO, stdout: BinaryIO, keys: BinaryIO | None = None
    ) -> int:
        """Serve until the editor or a signal ends it; return the exit code."""
        loop = asyncio.get_running_loop()

        def end() -> None:
            loop.call_soon_threadsafe(self.shutdown)

        def deliver(message: Any) -> None:
            action = self.shutdown if message is END else self.protocol.receive
            arguments = () if message is END else (message,)
            loop.call_soon_threadsafe(action, *arguments)

        writer = Writer(stdout, on_broken=end)
        self.protocol.set_writer(writer)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: end())
        if keys is not None:
            self.keys.listen(keys)
        start_reader(stdin, deliver)
        await self._ended.wait()
        await self._close()
        writer.close()
        return 0 if self.protocol.shutdown_requested else 1

    def shutdown(self) -> None:
        """Begin to end; `serve` does the rest."""
        self._ended.set()

    def watch_parent(self) -> None:
        """End the server when the process that started it is gone."""
        if self.process_id is not None:
            self._watch = asyncio.create_task(self._outlive(self.process_id))

    def watch_keys(self, use: Callable[[], Awaitable[None]]) -> None:
        """Have keys used that come later than the first ones."""
        self._key_watch = asyncio.create_task(self._follow_keys(use))

    async def _follow_keys(self, use: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self.keys.next()
            try:
                await use()
            except Exception as error:  # told, and the next ones may do better
                self.report_server_error(error, self.keys)

    async def _outlive(self, process_id: int) -> None:
        while _is_alive(process_id):  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(PARENT_SECONDS)
        self.shutdown()

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.context.close()
        except Exception:  # whatever it is, the server ends now
            logger.exception("the server did not end cleanly")


def _is_alive(process_id: int) -> bool:
    if sys.platform == "win32":  # there, signal 0 would kill; the end of stdin must do
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:  # alive, and somebody else's
        return True
    return True
