"""Any story of a history, told by two managers of one folder, beside a plain tree.

`STEPS` times each of `EXAMPLES` stories: two thousand operations in all.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import attrs
import pytest

from abstractllm.errors import InvalidParameter
from abstractllm.session import Session, SessionManager
from abstractllm.session.compacted import compaction_of
from tests.scripted import ScriptedProvider, says

EXAMPLES = 20
STEPS = 100


@attrs.define
class Tree:
    """What a session should hold: each message's parent, and the last one shown."""

    parents: dict[str, str | None] = attrs.field(factory=dict)
    said: dict[str, str] = attrs.field(factory=dict)
    head: str | None = None
    undone: set[str] = attrs.field(factory=set)
    pinned: bool = False

    def path(self) -> list[str]:
        """Return the ids of what is shown."""
        shown, name = [], self.head
        while name is not None:
            shown.append(name)
            name = self.parents[name]
        return shown[::-1]

    def siblings(self, name: str) -> list[str]:
        """Return what follows the same message as this one, and itself."""
        return [n for n, parent in self.parents.items() if parent == self.parents[name]]


class Story:
    """Does the same in two managers, by chance, and in a plain tree."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._managers = [SessionManager(folder), SessionManager(folder)]
        self.trees: dict[str, Tree] = {}
        self.deleted: dict[tuple[int, str], Tree] = {}
        self._count = 0

    async def run(self) -> None:
        """Take the steps, and compare after each of them."""
        steps: list[Callable[[], Coroutine[Any, Any, None]]] = [
            *([self.ask] * 4),
            *([self.edit, self.again, self.rewind] * 2),
            *(self.fork, self.create, self.compact, self.uncompact),
            *(self.clear, self.pin, self.delete, self.undelete, self.bring_over),
        ]
        await self.create()
        for _ in range(STEPS):
            if not self.trees:
                await self.create()
            await self._random.choice(steps)()
            await self.compare()
        for manager in self._managers:
            await manager.close_async()

    async def compare(self) -> None:
        """Fail unless either manager shows every session as the tree has it."""
        for manager in self._managers:
            page = await manager.page_async()
            assert {info.id for info in page.sessions} == set(self.trees)
            assert [i.pinned for i in page.sessions] == sorted(
                (i.pinned for i in page.sessions), reverse=True
            )
        session_id = self._random.choice(list(self.trees)) if self.trees else None
        if session_id is None:
            return
        tree = self.trees[session_id]
        for manager in self._managers:
            session = await manager.get_session_async(session_id)
            assert session is not None
            await session.refresh_async()
            shown = session.get_history()
            assert [m.id for m in shown] == tree.path()
            assert [m.content for m in shown] == [tree.said[m.id] for m in shown]
            told = session.siblings()
            assert all(told.get(m.id, [m.id]) == tree.siblings(m.id) for m in shown)
            undone = {m.id for m in shown if (c := compaction_of(m)) and c.undone}
            assert undone == tree.undone.intersection(m.id for m in shown)
            assert session.record.pinned is tree.pinned

    async def session(self) -> tuple[Session, Tree]:
        """Return a session as one of the managers has it."""
        session_id = self._random.choice(list(self.trees))
        manager = self._random.choice(self._managers)
        session = await manager.get_session_async(session_id)
        assert session is not None
        return session, self.trees[session_id]

    def word(self) -> str:
        self._count += 1
        return f"w{self._count}"

    async def turn(
        self, session: Session, tree: Tree, turn: Awaitable[Any], parent: str | None
    ) -> None:
        """Take a turn, and add what it should have added: after `parent`."""
        await turn
        for message in session.get_history():
            if message.id not in tree.parents:
                tree.parents[message.id] = parent
                tree.said[message.id] = message.content
                parent = message.id
        tree.head = parent

    async def create(self) -> None:
        manager = self._random.choice(self._managers)
        session = await manager.create_session_async(title=self.word())
        self.trees[session.id] = Tree()

    async def ask(self) -> None:
        session, tree = await self.session()
        asking = session.generate_async(self.word(), provider=self.model())
        await self.turn(session, tree, asking, tree.head)

    async def edit(self) -> None:
        session, tree = await self.session()
        parent = self._random.choice([None, *tree.parents])
        asking = session.generate_async(
            self.word(), provider=self.model(), parent_id=parent
        )
        await self.turn(session, tree, asking, parent)

    async def again(self) -> None:
        session, tree = await self.session()
        prompts = [m for m in tree.path() if tree.said[m].startswith("w")]
        if prompts:
            asking = session.regenerate_async(provider=self.model())
            await self.turn(session, tree, asking, prompts[-1])

    async def rewind(self) -> None:
        session, tree = await self.session()
        if not tree.parents:
            return
        name = self._random.choice(list(tree.parents))
        is_shown = name in tree.path()
        await session.rewind_async(name)
        shown = [message.id for message in session.get_history()]
        assert name in shown
        assert not is_shown or shown[-1] == name
        tree.head = shown[-1]

    async def fork(self) -> None:
        session, tree = await self.session()
        forked = await session.fork_async()
        path = tree.path()
        self.trees[forked.id] = Tree(
            parents={name: tree.parents[name] for name in path},
            said={name: tree.said[name] for name in path},
            head=tree.head,
            undone=tree.undone.intersection(path),
        )

    async def compact(self) -> None:
        session, tree = await self.session()
        summarizing = session.compact_async(provider=self.model())
        try:
            await self.turn(session, tree, summarizing, tree.head)
        except InvalidParameter:
            return

    async def uncompact(self) -> None:
        session, tree = await self.session()
        await session.refresh_async()
        for message in session.get_history():
            if compaction_of(message) and message.id not in tree.undone:
                await session.uncompact_async(message.id)
                tree.undone.add(message.id)
                return

    async def clear(self) -> None:
        session, tree = await self.session()
        await session.refresh_async()
        await session.clear_history_async()
        tree.head = None

    async def pin(self) -> None:
        session, tree = await self.session()
        await session.refresh_async()
        tree.pinned = not tree.pinned
        await session.pin_async(tree.pinned)

    async def delete(self) -> None:
        place = self._random.randrange(2)
        session_id = self._random.choice(list(self.trees))
        assert await self._managers[place].delete_session_async(session_id)
        self.deleted[place, session_id] = self.trees.pop(session_id)

    async def undelete(self) -> None:
        if self.deleted:
            place, session_id = self._random.choice(list(self.deleted))
            await self._managers[place].undelete_session_async(session_id)
            self.trees[session_id] = self.deleted.pop((place, session_id))

    async def bring_over(self) -> None:
        session, tree = await self.session()
        await session.refresh_async()
        again = await self._random.choice(self._managers).import_session_async(
            session.export()
        )
        self.trees[again.id] = attrs.evolve(
            tree,
            parents=dict(tree.parents),
            said=dict(tree.said),
            undone=set(tree.undone),
            pinned=False,
        )

    def model(self) -> ScriptedProvider:
        return ScriptedProvider(says(f"a{self._count}"))


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_two_managers_and_a_plain_tree_tell_the_same_story(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(Story(Path(folder), seed).run())
