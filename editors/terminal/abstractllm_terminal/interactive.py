"""Asking for prompts until the user leaves."""

from __future__ import annotations

import asyncio
from pathlib import Path

from abstractllm_terminal import rendering
from abstractllm_terminal.arguments import Options
from abstractllm_terminal.commands import run_command
from abstractllm_terminal.completion import CommandCompleter
from abstractllm_terminal.current_session import open_session
from abstractllm_terminal.errors import ServerGone, TerminalError
from abstractllm_terminal.interaction import Interaction
from abstractllm_terminal.interrupts import on_interrupt
from abstractllm_terminal.keyboard import ask_line, make_prompt, silent
from abstractllm_terminal.language_server import LanguageServer, language_server


async def chat(options: Options) -> None:
    """Chat in the current directory; raises a `TerminalError` that ends the chat."""
    # A prompt itself shows what is typed; what is typed meanwhile must not mix with
    # a reply.
    with silent():
        async with language_server(Path.cwd()) as server:
            await _begin(server, options)


async def _begin(server: LanguageServer, options: Options) -> None:
    current, loaded = await open_session(server, options)
    interaction = Interaction(
        console=rendering.make_console(), current=current, ask=_ask
    )
    if loaded:
        await interaction.show_session(loaded)
        interaction.console.print()
    await interaction.show_answerer(" · /help for help, Ctrl-D to leave")
    interaction.show_messages()
    await _answer_prompts(interaction)


async def _ask(question: str) -> str:
    """Return the answer to a question, which is empty for who does not answer."""
    try:
        return await ask_line(question)
    except (EOFError, KeyboardInterrupt):
        return ""


async def _answer_prompts(interaction: Interaction) -> None:
    current = interaction.current
    prompt = make_prompt(lambda: f"{current.mode or ''}> ", CommandCompleter(current))
    interrupted = False
    while not interaction.leaving:
        interaction.console.print()
        try:
            text = await prompt.prompt_async()
        except EOFError:
            return
        except KeyboardInterrupt:
            if interrupted and not prompt.default_buffer.text:
                return
            interrupted = True
            interaction.say("Ctrl-C once more, or Ctrl-D, leaves.")
            continue
        interrupted = False
        await _carry_out(interaction, text.strip())
        interaction.show_messages()


async def _carry_out(interaction: Interaction, text: str) -> None:
    """Answer a prompt or run a command; Ctrl-C gives up waiting for it."""
    task = asyncio.create_task(_dispatch(interaction, text))
    with on_interrupt(task.cancel):
        try:
            await task
        except asyncio.CancelledError:
            interaction.say("Interrupted.")
        except ServerGone:
            raise
        except TerminalError as error:
            interaction.console.print(rendering.error(str(error)))


async def _dispatch(interaction: Interaction, text: str) -> None:
    if text.startswith("//"):
        await interaction.answer(text[1:])
    elif text.startswith("/"):
        await run_command(interaction, text)
    elif text:
        await interaction.answer(text)
