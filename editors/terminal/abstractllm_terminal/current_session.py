"""The session that prompts go to."""

from __future__ import annotations

import attrs

from abstractllm_server import protocol
from abstractllm_terminal.arguments import Options
from abstractllm_terminal.connection import Json
from abstractllm_terminal.errors import Refused
from abstractllm_terminal.finding import find_session, latest_session
from abstractllm_terminal.language_server import LanguageServer

NOBODY_READY = "No provider is ready. /provider tells what each of them needs."


@attrs.define(kw_only=True)
class CurrentSession:
    """A session, or what one shall be that is made at the first prompt."""

    server: LanguageServer
    info: Json | None = None
    title: str | None = None
    provider: str | None = None
    model: str | None = None
    system_prompt: str | None = None
    new_mode: str | None = None
    """The mode of the session that is made at the first prompt, if it was chosen."""

    @property
    def mode(self) -> str | None:
        """How freely models may act; `None` where the settings decide, later."""
        return self.info["mode"] if self.info else self.new_mode

    async def id(self) -> str:
        """Return the session's id; the session is made if there is none yet."""
        if self.info is None:
            self.info = await self.server.call(
                protocol.SESSION_NEW,
                title=self.title,
                provider=self.provider,
                model=self.model,
                systemPrompt=self.system_prompt,
                mode=self.new_mode,
            )
        return str(self.info["id"])

    def renew(self, title: str | None = None) -> None:
        """Leave the session; the next prompt makes another one."""
        self.info = None
        self.title = title
        self.new_mode = None

    async def load(self, session_id: str) -> Json:
        """Go on with a session, and return all of it."""
        loaded = await self.server.call(protocol.SESSION_LOAD, sessionId=session_id)
        self.info = loaded["session"]
        return loaded

    async def rename(self, title: str) -> None:
        """Give the session, or the one that is made next, a title."""
        self.title = title
        if self.info is not None:
            self.info = await self.server.call(
                protocol.SESSION_RENAME, sessionId=self.info["id"], title=title
            )

    async def set_mode(self, mode: str) -> None:
        """Let models act more or less freely, from now on."""
        self.new_mode = mode
        if self.info is not None:
            self.info = await self.server.call(
                protocol.SESSION_SET_MODE, sessionId=self.info["id"], mode=mode
            )

    async def choose(self, provider: str | None, model: str | None = None) -> None:
        """Let a provider, or `"provider:model"`, answer from now on.

        Without `provider` it is the one that answers now. Raises `RequestFailed`, and
        `Refused` for a provider that is none.
        """
        provider = provider or (await self.answered_by())[0]
        if provider is None:
            raise Refused(NOBODY_READY)
        if self.info is None:
            await self._check(provider)
        else:
            self.info = await self.server.call(
                protocol.SESSION_SWITCH_PROVIDER,
                sessionId=self.info["id"],
                provider=provider,
                model=model,
            )
        self.provider, self.model = provider, model

    async def answered_by(self) -> tuple[str | None, str | None]:
        """Return the provider and the model of the next reply, if any is ready."""
        if self.info is not None and self.info["provider"]:
            return self.info["provider"], self.info["model"]
        listed = await self.server.call(protocol.PROVIDERS_LIST)
        name, _, model = (self.provider or listed["default"] or "").partition(":")
        models = {known["name"]: known["model"] for known in listed["providers"]}
        return name or None, self.model or model or models.get(name)

    async def _check(self, provider: str) -> None:
        listed = await self.server.call(protocol.PROVIDERS_LIST)
        names = [known["name"] for known in listed["providers"]]
        if provider.partition(":")[0] not in names:
            raise Refused(
                f"There is no provider {provider!r}. Use one of: {', '.join(names)}."
            )


async def open_session(
    server: LanguageServer, options: Options
) -> tuple[CurrentSession, Json | None]:
    """Return the session that the options ask for, and its content if it is not new.

    Raises `Refused` and `RequestFailed`.
    """
    current = CurrentSession(server=server, system_prompt=options.system)
    loaded = None
    if options.latest:
        loaded = await current.load(latest_session(await server.sessions())["id"])
    elif options.session is not None:
        found = find_session(await server.sessions(), options.session)
        loaded = await current.load(found["id"])
    if options.provider or options.model:
        await current.choose(options.provider, options.model)
    return current, loaded
