"""Finding what was said: literally, in any script, the newest first."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abstractllm.enums import MessageRole
from abstractllm.errors import InvalidParameter
from abstractllm.messages import Message, Text
from abstractllm.store.contract import SearchPage, SessionRecord
from abstractllm.store.rows import searchable
from abstractllm.store.snippets import fold, snippet
from abstractllm.store.sqlite import SQLiteStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(tmp_path)
    yield store
    await store.close()


async def said(store: SQLiteStore, *texts: str, session: str = "s") -> None:
    """Keep messages with these texts, which are their ids too."""
    if await store.revision(session) is None:
        await store.create(SessionRecord(id=session, title=f"Title of {session}"))
    messages = [
        Message(id=text, role=MessageRole.USER, parts=(Text(text),)) for text in texts
    ]
    await store.save(SessionRecord(id=session), *messages, fields=())


def ids(page: SearchPage) -> list[str]:
    return [hit.message_id for hit in page.hits]


TEXTS = [
    "a multi-agent system",
    "it doesn't work",
    "version 38.101 of it",
    'say a"b now',
    "2 * 3 is 6",
    "👩‍🚀 in space",
    "我喜欢编程",
    "日本語のテキスト",
    "สวัสดีชาวโลก",
    "C:\\temp\\x_y%z",
    "Straße, ÉCOLE, ΣΊΣΥΦΟΣ",
    "NEAR(a b) AND NOT c",
    "z",
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("multi-agent", [0]),
        ("doesn't", [1]),
        ("38.101", [2]),
        ('a"b', [3]),
        ("*", [4]),
        ("👩‍🚀", [5]),
        ("🚀", [5]),
        ("欢", [6]),
        ("喜欢", [6]),
        ("編程", []),
        ("テキスト", [7]),
        ("ト", [7]),
        ("โลก", [8]),
        ("ก", [8]),
        ("%", [9]),
        ("_", [9]),
        ("\\", [9]),
        ("école", [10]),
        ("σίσυφος", [10]),
        ("SSE", []),
        ("NEAR(", [11]),
        ("AND NOT", [11]),
        ("z", [12, 9]),
        ("xyzzy", []),
    ],
)
async def test_words_of_any_script_are_taken_literally(
    store: SQLiteStore, query: str, found: list[int]
) -> None:
    await said(store, *TEXTS)

    page = await store.search(query, 20)

    assert ids(page) == [TEXTS[place] for place in found]
    assert all(hit.matches for hit in page.hits)


async def test_a_hit_tells_where_it_is(store: SQLiteStore) -> None:
    await said(store, "before\nthe Needle\tand a needle")

    (hit,) = (await store.search("needle", 20)).hits

    assert (hit.session_id, hit.title, hit.role) == ("s", "Title of s", "user")
    assert hit.snippet == "before the Needle and a needle"
    assert [hit.snippet[start:end] for start, end in hit.matches] == [
        "Needle",
        "needle",
    ]


async def test_the_first_page_names_titles_too(store: SQLiteStore) -> None:
    await said(store, "nothing of", session="one")
    await said(store, "title in a text", session="two")

    page = await store.search("TITLE", 1)

    assert ids(page) == ["title in a text"]
    assert [hit.title for hit in page.titles] == ["Title of two"]
    assert (await store.search("title", 1, session_id="one")).titles == ()


async def test_only_the_last_text_of_a_message_is_found(store: SQLiteStore) -> None:
    await store.create(SessionRecord(id="s"))
    for text in ("half a sent", "half a sentence", "whole"):
        message = Message(id="m", role=MessageRole.ASSISTANT, parts=(Text(text),))
        await store.save(SessionRecord(id="s"), message, fields=())

    assert ids(await store.search("half", 20)) == []
    assert ids(await store.search("le", 20)) == ["m"]


async def test_a_fork_is_searched_in_itself_and_not_twice_in_all(
    store: SQLiteStore,
) -> None:
    await said(store, "first needle", "other")
    await store.fork("s", SessionRecord(id="f"), ["first needle"])
    await said(store, "second needle", session="f")

    everywhere = await store.search("needle", 20)
    in_fork = await store.search("needle", 20, session_id="f")

    assert [(hit.session_id, hit.message_id) for hit in everywhere.hits] == [
        ("f", "second needle"),
        ("s", "first needle"),
    ]
    assert ids(in_fork) == ["second needle", "first needle"]
    await store.delete("s")
    assert ids(await store.search("needle", 20)) == ["second needle", "first needle"]


async def test_bad_queries_and_cursors_are_told(store: SQLiteStore) -> None:
    for query in ("", " ", "\n\t"):
        with pytest.raises(InvalidParameter, match="nothing to search for"):
            await store.search(query, 20)
    for cursor in ("x", "-1", "\uff19", "9" * 30):
        with pytest.raises(InvalidParameter, match="cursor"):
            await store.search("x", 20, cursor)


async def test_searching_before_anything_was_said_finds_nothing(
    store: SQLiteStore, tmp_path: Path
) -> None:
    assert await store.search("x", 20) == SearchPage(hits=())
    assert list(tmp_path.iterdir()) == []


ALPHABET = "abA \"*%_\\-'.\0\n🚀👩é\u0301ßΣ\u03c3ς欢日テกส\ud83d\uffff"

texts = st.text(st.sampled_from(ALPHABET), max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    messages=st.lists(texts, max_size=8, unique=True),
    query=st.text(st.sampled_from(ALPHABET), min_size=1, max_size=4),
)
def test_what_is_found_is_what_a_plain_look_finds(
    messages: list[str], query: str
) -> None:
    words = fold(searchable(query))
    if not words.strip() or "\uffff" in words:
        return
    expected = [text for text in messages if words in fold(searchable(text))][::-1]

    async def pages() -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            store = SQLiteStore(Path(folder))
            await said(store, *messages)
            found: list[str] = []
            cursor = None
            while not found or cursor:
                page = await store.search(query, 2, cursor)
                found += ids(page)
                cursor = page.next_cursor
                if not page.hits:
                    break
            inside = await store.search(query, 20, session_id="s")
            await store.close()
            assert ids(inside) == found
            return found

    assert asyncio.run(pages()) == expected


@given(text=texts.map(lambda t: t * 30), words=texts)
def test_a_snippet_shows_a_match_whole_and_marks_it(text: str, words: str) -> None:
    words = fold(words)
    if not words or words not in fold(text):
        return

    line, matches = snippet(text, words)

    assert all(c.isprintable() for c in line)
    assert len(line) <= max(122, len(words) + 42)
    assert matches
    assert len({end - start for start, end in matches}) == 1
