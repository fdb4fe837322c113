"""The history as a tree: prompts edited, answers compared, sessions forked."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from abstractllm.errors import InvalidParameter, SessionExists, UnknownSession
from abstractllm.events import MessageAdded
from abstractllm.messages import Usage
from abstractllm.session import Session
from abstractllm.session.manager import SessionManager
from tests.scripted import ScriptedProvider, says


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncGenerator[SessionManager, None]:
    manager = SessionManager(tmp_path)
    yield manager
    await manager.close_async()


@pytest.fixture
async def session(manager: SessionManager) -> Session:
    """Return a session of two turns: a, b, c and d are its messages."""
    provider = ScriptedProvider(says("b"), says("d"), says("new"), says("newer"))
    session = await manager.create_session_async(provider=provider, title="T")
    await session.generate_async("a")
    await session.generate_async("c")
    return session


def shown(session: Session | None) -> str:
    assert session is not None
    return " ".join(message.content for message in session.get_history())


def ids(session: Session) -> dict[str, str]:
    """Return the ids of what is shown by what is said."""
    return {message.content: message.id for message in session.get_history()}


def named(session: Session, names: dict[str, str]) -> list[list[str]]:
    """Return the families of siblings that are shown, by what their members say."""
    said = {message_id: text for text, message_id in names.items()}
    families = session.siblings().values()
    return [[said.get(member, "?") for member in family] for family in families]


async def test_an_edited_prompt_stands_beside_the_first_one(session: Session) -> None:
    first = ids(session)

    await session.generate_async("edited", parent_id=first["b"])

    assert shown(session) == "a b edited new"
    both = first | ids(session)
    assert named(session, both) == [["c", "edited"]]
    await session.rewind_async(first["c"])
    assert shown(session) == "a b c d"
    assert named(session, both) == [["c", "edited"]]


async def test_the_first_prompt_can_be_edited_too(session: Session) -> None:
    first = ids(session)

    await session.generate_async("edited", parent_id=None)

    assert shown(session) == "edited new"
    assert named(session, first | ids(session)) == [["a", "edited"]]


async def test_a_model_is_sent_only_the_branch_that_is_shown(session: Session) -> None:
    provider = session.provider
    assert isinstance(provider, ScriptedProvider)

    await session.generate_async("edited", parent_id=ids(session)["b"])

    said = [message.content for message in provider.requests[-1].messages]
    assert said == ["a", "b", "edited"]


async def test_an_answer_is_regenerated_beside_the_old_one(session: Session) -> None:
    first = ids(session)

    assert await session.regenerate_async() == "new"
    assert shown(session) == "a b c new"
    assert named(session, first | ids(session)) == [["d", "new"]]

    assert await session.regenerate_async(first["b"]) == "newer"
    assert shown(session) == "a newer"


async def test_another_model_may_regenerate(session: Session) -> None:
    other = ScriptedProvider(says("other"))

    await session.regenerate_async(provider=other, provider_config={"model": "big"})

    (last,) = session.get_history()[-1:]
    assert (last.content, last.model) == ("other", "big")
    assert session.record.model == "scripted-1"


async def test_the_stream_of_a_regenerated_answer_begins_with_its_prompt(
    session: Session,
) -> None:
    events = [event async for event in session.stream_again(ids(session)["b"])]

    assert isinstance(events[0], MessageAdded)
    assert events[0].message == session.get_history()[0]


async def test_rewinding_leaves_what_followed_in_the_tree(session: Session) -> None:
    first = ids(session)

    await session.rewind_async(first["b"])
    assert shown(session) == "a b"

    await session.rewind_async(first["d"])
    assert shown(session) == "a b c d"


async def test_a_branch_is_shown_down_to_where_it_was_left(session: Session) -> None:
    first = ids(session)
    await session.rewind_async(first["c"])
    await session.generate_async("edited", parent_id=first["b"])

    await session.rewind_async(first["c"])

    assert shown(session) == "a b c"


async def test_a_cleared_history_is_found_beside_the_next_one(session: Session) -> None:
    first = ids(session)
    await session.clear_history_async()
    await session.generate_async("again")

    assert named(session, first | ids(session)) == [["a", "again"]]
    await session.rewind_async(first["a"])
    assert shown(session) == "a b c d"


async def test_an_unknown_message_changes_nothing(session: Session) -> None:
    for attempt in (
        lambda: session.rewind_async("none"),
        lambda: session.fork_async("none"),
        lambda: session.regenerate_async("none"),
        lambda: session.generate_async("x", parent_id="none"),
    ):
        with pytest.raises(InvalidParameter, match="no message 'none'"):
            await attempt()
    assert (shown(session), session.size) == ("a b c d", 4)
    with pytest.raises(InvalidParameter, match="no prompt yet"):
        await Session(provider=ScriptedProvider()).regenerate_async()


async def test_branches_are_there_again_in_another_process(
    session: Session, manager: SessionManager, tmp_path: Path
) -> None:
    first = ids(session)
    await session.rewind_async(first["c"])
    await session.generate_async("edited", parent_id=first["b"])

    other = SessionManager(tmp_path)
    found = await other.get_session_async(session.id)

    assert found is not None
    assert shown(found) == "a b edited new"
    assert found.siblings() == session.siblings()
    await found.rewind_async(first["c"])
    assert shown(found) == "a b c"
    await session.refresh_async()
    assert shown(session) == "a b c"
    await other.close_async()


async def test_a_fork_goes_its_own_way(
    session: Session, manager: SessionManager, tmp_path: Path
) -> None:
    forked = await session.fork_async(ids(session)["b"])
    await forked.generate_async("else", provider=ScriptedProvider(says("where")))

    assert shown(session) == "a b c d"
    assert shown(forked) == "a b else where"
    assert forked.record.title == "T (fork)"
    assert await manager.get_session_async(forked.id) is forked
    other = SessionManager(tmp_path)
    assert shown(await other.get_session_async(forked.id)) == "a b else where"
    await other.close_async()


async def test_what_a_fork_begins_with_is_counted_once(
    session: Session, manager: SessionManager
) -> None:
    forked = await session.fork_async()

    infos = {info.id: info for info in (await manager.page_async()).sessions}
    assert infos[session.id].usage == Usage(input_tokens=6, output_tokens=4)
    assert infos[forked.id].usage == Usage()
    assert infos[forked.id].message_count == 4

    await manager.delete_session_async(session.id)
    (left,) = (await manager.page_async()).sessions
    assert left.usage == Usage(input_tokens=6, output_tokens=4)

    await manager.undelete_session_async(session.id)
    infos = {info.id: info for info in (await manager.page_async()).sessions}
    assert infos[session.id].usage == Usage()
    assert infos[forked.id].usage == Usage(input_tokens=6, output_tokens=4)


async def test_a_session_without_a_store_forks_too() -> None:
    session = Session(provider=ScriptedProvider(says("b"), says("d"), says("f")))
    await session.generate_async("a")

    forked = await session.fork_async()
    await session.generate_async("c")
    await forked.generate_async("e")

    assert (shown(session), shown(forked)) == ("a b c d", "a b e f")


async def test_a_deleted_session_comes_back_whole(
    session: Session, manager: SessionManager
) -> None:
    await session.generate_async("half \ud83d", parent_id=None)
    before, tree = session.record, session._journal.history.tree
    info = await manager.info_async(session.id)
    await manager.delete_session_async(session.id)
    assert await manager.get_session_async(session.id) is None

    found = await manager.undelete_session_async(session.id)

    assert (found.record, found._journal.history.tree) == (before, tree)
    assert await manager.info_async(session.id) == info
    with pytest.raises(UnknownSession, match="cannot be brought back"):
        await manager.undelete_session_async(session.id)
    with pytest.raises(UnknownSession, match="cannot be brought back"):
        await manager.undelete_session_async("none")


async def test_what_took_a_deleted_sessions_place_stays(
    session: Session, manager: SessionManager
) -> None:
    await manager.delete_session_async(session.id)
    await manager.create_session_async(session_id=session.id, title="Newer")

    with pytest.raises(SessionExists):
        await manager.undelete_session_async(session.id)

    info = await manager.info_async(session.id)
    assert info is not None
    assert info.title == "Newer"


async def test_pinned_sessions_come_first_and_keep_their_time(
    manager: SessionManager,
) -> None:
    sessions = [await manager.create_session_async(title=name) for name in "abc"]
    before = sessions[0].record.updated_at

    await sessions[0].pin_async()

    pages: list[tuple[str | None, bool]] = []
    cursor = None
    while not pages or cursor:
        page = await manager.page_async(1, cursor)
        cursor = page.next_cursor
        pages += [(info.title, info.pinned) for info in page.sessions]
    assert pages == [("a", True), ("c", False), ("b", False)]
    assert sessions[0].record.updated_at == before
    await sessions[0].pin_async(False)
    titles = [info.title for info in (await manager.page_async()).sessions]
    assert titles == ["c", "b", "a"]


async def test_a_fork_says_the_same_whatever_becomes_of_the_first_session(
    session: Session, manager: SessionManager, tmp_path: Path
) -> None:
    forked = await session.fork_async()
    again = await forked.fork_async()
    await manager.delete_session_async(session.id)
    await manager.delete_session_async(forked.id)
    # What is kept now takes the places of what was deleted.
    other = await manager.create_session_async(provider=ScriptedProvider(says("y")))
    for _ in range(4):
        await other.generate_async("x")
    await manager.undelete_session_async(forked.id)
    await manager.delete_session_async(again.id)
    await manager.undelete_session_async(session.id)
    await manager.undelete_session_async(again.id)

    fresh = SessionManager(tmp_path)
    for one in (session, forked, again):
        assert shown(await fresh.get_session_async(one.id)) == "a b c d"
    found = await fresh.search_async("d")
    assert len(found.hits) == 1
    usages = [info.usage for info in (await fresh.page_async()).sessions]
    assert sum(usages, Usage()) == Usage(input_tokens=6 + 12, output_tokens=4 + 8)
    await fresh.close_async()
