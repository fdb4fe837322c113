"""Completion of commands and of what may follow them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from abstractllm_server import protocol
from abstractllm_terminal.changed_files import file_name
from abstractllm_terminal.commands import COMMANDS
from abstractllm_terminal.current_session import CurrentSession
from abstractllm_terminal.edit_commands import last_changes
from abstractllm_terminal.errors import TerminalError
from abstractllm_terminal.permission_commands import MODES
from abstractllm_terminal.printable import one_line


class CommandCompleter(Completer):
    """Completes a line that begins with a slash; the server knows the choices."""

    def __init__(self, current: CurrentSession) -> None:
        self._current = current
        self._models: dict[str | None, list[str]] = {}

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Return nothing: the server is asked without blocking."""
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """Yield what the text before the cursor may become."""
        text = document.text_before_cursor
        if not text.startswith("/") or "\n" in text:
            return
        name, blank, argument = text[1:].partition(" ")
        if not blank:
            for command, described in COMMANDS.items():
                if command.startswith(name):
                    yield Completion(command, -len(name), display_meta=described.help)
            return
        for choice in map(one_line, await self._choices(name)):
            if choice.casefold().startswith(argument.casefold()):
                yield Completion(choice, -len(argument))

    async def _choices(self, command: str) -> list[str]:
        server = self._current.server
        try:
            match command:
                case "load":
                    sessions = await server.sessions()
                    return [info["title"] for info in sessions if info["title"]]
                case "provider":
                    listed = await server.call(protocol.PROVIDERS_LIST)
                    return [provider["name"] for provider in listed["providers"]]
                case "model" | "regenerate":
                    return await self._model_choices()
                case "mode":
                    return list(MODES)
                case "diff" | "takeback" | "bringback":
                    _, changes = await last_changes(self._current)
                    return [file_name(c["uri"], server.folder) for c in changes]
        except TerminalError:
            pass  # whoever goes on without completion is told
        return []

    async def _model_choices(self) -> list[str]:
        """Return the models of the provider, which is asked for them once."""
        provider, _ = await self._current.answered_by()
        if provider not in self._models:
            self._models[provider] = []
            listed = await self._current.server.call(
                protocol.MODELS_LIST, provider=provider
            )
            self._models[provider] = [model["id"] for model in listed["models"]]
        return self._models[provider]
