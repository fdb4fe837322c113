"""Titles that a session's own model finds, where the user gave none."""

import pytest

from abstractllm.session import Session
from tests.scripted import ScriptedProvider, says


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Sorting in Rust", "Sorting in Rust"),
        ('\n**"Sorting in Rust."**\n\nBecause it is.', "Sorting in Rust"),
        ("Sort\x1b[31ming", "Sort[31ming"),
        ("word " * 30, " ".join(["word"] * 12) + "…"),
    ],
)
async def test_a_title_takes_the_place_of_the_first_line(said: str, title: str) -> None:
    session = Session(provider=ScriptedProvider(says("b"), says(said)))
    await session.generate_async("How do I sort?\nI use Rust.")
    before = session.record

    assert await session.retitle_async() == title

    assert session.record.title == title
    assert session.record.updated_at == before.updated_at
    assert len(session.get_history()) == 2


async def test_a_title_of_the_users_stays() -> None:
    session = Session(provider=ScriptedProvider(says("b"), says("Better")))
    await session.generate_async("a")
    await session.rename_async("Mine")

    assert await session.retitle_async() is None
    assert session.record.title == "Mine"


async def test_without_an_answer_or_a_title_nothing_changes() -> None:
    session = Session(provider=ScriptedProvider(says("b"), says(" \n")))
    assert await session.retitle_async() is None
    await session.generate_async("a")

    assert await session.retitle_async() is None
    assert session.record.title == "a"
