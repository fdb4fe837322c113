"""What goes wrong, on every wire alike: the type of the error, and what it says."""

import asyncio
import socket
from typing import Any

import pytest

from abstractllm.errors import (
    AuthenticationError,
    ConnectionFailed,
    ContextLengthExceeded,
    InvalidParameter,
    InvalidRequest,
    MalformedReply,
    MissingKey,
    ModelNotFound,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimitError,
    StreamInterrupted,
)
from abstractllm.events import TextDelta
from abstractllm.interface import AbstractLLMInterface
from abstractllm.providers.registry import create_llm
from tests.vendors import Broken, Cut, Failure, Malformed, Reply, Stall, VendorServer
from tests.vendors.server import KEY
from tests.wire.asking import PROVIDERS, ask, request

EVERY = pytest.mark.parametrize("provider", PROVIDERS)
VENDORS_WITH_KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "huggingface": "HF_TOKEN",
}


@EVERY
@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        (400, InvalidRequest),
        (401, AuthenticationError),
        (402, RateLimitError),
        (403, AuthenticationError),
        (404, ModelNotFound),
        (408, ProviderTimeout),
        (413, ContextLengthExceeded),
        (422, InvalidRequest),
        (429, RateLimitError),
        (500, ProviderUnavailable),
        (503, ProviderUnavailable),
        (529, ProviderUnavailable),
    ],
)
async def test_a_status_decides_the_error_whatever_the_vendor_says(
    vendors: VendorServer,
    provider: str,
    status: int,
    error_class: type[ProviderError],
) -> None:
    vendors.will(Failure(status=status, message=f"rate limit 404 of {KEY}"))
    llm = create_llm(provider, **vendors.config(provider, model="m", max_retries=0))

    with pytest.raises(ProviderError) as caught:
        await ask(llm)

    assert type(caught.value) is error_class
    assert KEY not in str(caught.value)


@EVERY
async def test_a_rejected_request_shows_the_vendors_sentence_short_and_without_keys(
    vendors: VendorServer, provider: str
) -> None:
    said = f"Bad thing.\nKey {KEY} or sk-proj-abcdefghijkl, " + "x" * 1000
    vendors.will(Failure(status=400, message=said))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    with pytest.raises(InvalidRequest) as caught:
        await ask(llm)

    _, _, shown = str(caught.value).partition("It says: ")
    assert shown.startswith("Bad thing. Key [key] or [key], xxx")
    assert len(shown) < 310


@EVERY
@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
async def test_a_rate_limit_tells_how_long_to_wait(
    vendors: VendorServer, provider: str, header: dict[str, str], pause: float | None
) -> None:
    vendors.will(Failure(status=429, headers=header))
    llm = create_llm(provider, **vendors.config(provider, model="m", max_retries=0))

    with pytest.raises(RateLimitError) as caught:
        await ask(llm)

    assert caught.value.retry_after == pause


@pytest.mark.parametrize(
    ("provider", "failure"),
    [
        ("openai", Failure(status=400, code="context_length_exceeded")),
        ("openai", Failure(status=400, type="exceed_context_size_error")),
        ("huggingface", Failure(status=400, type="exceed_context_size_error")),
        ("anthropic", Failure(status=400, type="exceed_context_size_error")),
        ("anthropic", Failure(status=400, code="prompt_too_long")),
    ],
)
async def test_a_history_that_is_too_long_is_told_by_its_code(
    vendors: VendorServer, provider: str, failure: Failure
) -> None:
    vendors.will(failure)
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    with pytest.raises(ContextLengthExceeded):
        await ask(llm)


@pytest.mark.parametrize(
    ("provider", "failure", "error_class"),
    [
        ("openai", Failure(code="rate_limit_exceeded"), RateLimitError),
        ("openai", Failure(code="context_length_exceeded"), ContextLengthExceeded),
        ("openai", Failure(type="server_error"), ProviderUnavailable),
        ("openai", Failure(code="401"), AuthenticationError),
        ("openai", Failure(), ProviderUnavailable),
        ("anthropic", Failure(type="overloaded_error"), ProviderUnavailable),
        ("anthropic", Failure(type="rate_limit_error"), RateLimitError),
        ("anthropic", Failure(type="invalid_request_error"), InvalidRequest),
        ("ollama", Failure(), ProviderUnavailable),
    ],
)
async def test_an_error_in_mid_stream_keeps_what_came_before_it(
    vendors: VendorServer,
    provider: str,
    failure: Failure,
    error_class: type[ProviderError],
) -> None:
    vendors.will(Broken(failure=failure, after=2))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    texts, error = await _texts_and_error(llm)

    assert texts == ["One ", "two "]
    assert type(error) is error_class


@EVERY
@pytest.mark.parametrize("cleanly", [True, False])
async def test_a_cut_stream_keeps_what_came_before_it(
    vendors: VendorServer, provider: str, cleanly: bool
) -> None:
    vendors.will(Cut(after=2, cleanly=cleanly))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    texts, error = await _texts_and_error(llm)

    assert texts == ["One ", "two "]
    assert type(error) is StreamInterrupted


@EVERY
async def test_a_malformed_stream_keeps_what_came_before_it(
    vendors: VendorServer, provider: str
) -> None:
    vendors.will(Malformed(after=2))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    texts, error = await _texts_and_error(llm)

    assert texts == ["One ", "two "]
    assert type(error) is MalformedReply


@EVERY
@pytest.mark.parametrize("after", [0, 2])
async def test_heartbeats_do_not_keep_a_stalled_stream_alive(
    vendors: VendorServer, provider: str, after: int
) -> None:
    llm = create_llm(provider, **vendors.config(provider, model="m", idle_timeout=0.5))
    await llm.load_sdk()  # type: ignore[attr-defined] # it would take all the time
    vendors.will(Reply(text=["Hi"]), Stall(after=after))
    await ask(llm)  # and so would a first connection, on a machine that is busy

    async with asyncio.timeout(10):
        texts, error = await _texts_and_error(llm)

    assert texts == ["One ", "two "][:after]
    assert type(error) is ProviderTimeout
    assert vendors.wait_for_disconnect()


@EVERY
async def test_a_server_that_cannot_be_reached_is_named(provider: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://me:secret@127.0.0.1:{port}"
    llm = create_llm(provider, base_url=url, model="m", max_retries=0)

    with pytest.raises(ConnectionFailed) as caught:
        await ask(llm)

    assert f"(127.0.0.1:{port}) could not be reached" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "huggingface"])
async def test_failures_are_tried_again_as_often_as_asked_for(
    vendors: VendorServer, provider: str
) -> None:
    soon = {"retry-after-ms": "1"}
    vendors.will(
        Failure(status=500, headers=soon),
        Failure(status=429, headers=soon),
        Reply(text=["Hi"]),
    )
    llm = create_llm(provider, **vendors.config(provider, model="m", max_retries=2))

    assert TextDelta("Hi") in await ask(llm)
    assert len(vendors.requests) == 3


@pytest.mark.parametrize(("provider", "variable"), VENDORS_WITH_KEYS.items())
async def test_a_missing_key_is_told_when_it_is_needed(
    provider: str, variable: str
) -> None:
    llm = create_llm(provider, model="some/model")

    with pytest.raises(MissingKey) as caught:
        await ask(llm)

    for way in (variable, "api_key", "create_llm", "provider_config", "editor"):
        assert way in str(caught.value)


@EVERY
async def test_a_server_of_ones_own_may_do_without_a_key(
    vendors: VendorServer, provider: str
) -> None:
    config = vendors.config(provider, model="m", api_key="")
    llm = create_llm(provider, **config)

    assert TextDelta("You said: ") in await ask(llm)


@EVERY
@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": "hot"},
        {"temperature": True},
        {"temperature": float("nan")},
        {"max_tokens": 0},
        {"max_tokens": 1.5},
        {"stop": [1]},
        {"idle_timeout": 0},
        {"max_retries": -1},
        {"base_url": "ftp://host"},
        {"base_url": "http://host:port"},
        {"api_key": "sk-secret\u20ac"},
        {"api_key": "sk-secret\nX-Header: 1"},
    ],
)
async def test_a_wrong_value_is_told_before_anything_is_sent(
    vendors: VendorServer, provider: str, wrong: dict[str, Any]
) -> None:
    llm = create_llm(provider, **{**vendors.config(provider, model="m"), **wrong})

    with pytest.raises(InvalidParameter) as caught:
        await ask(llm)

    assert next(iter(wrong)) in str(caught.value)
    assert "secret" not in str(caught.value)
    assert vendors.requests == []


@pytest.mark.parametrize(("provider", "variable"), VENDORS_WITH_KEYS.items())
async def test_a_key_of_the_environment_is_looked_at_too(
    monkeypatch: pytest.MonkeyPatch, provider: str, variable: str
) -> None:
    monkeypatch.setenv(variable, "“sk-secret”")

    with pytest.raises(InvalidParameter) as caught:
        await ask(create_llm(provider, model="org/m"))

    assert variable in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
async def test_a_list_of_models_can_fail_as_a_reply_can(
    vendors: VendorServer, provider: str
) -> None:
    vendors.will(Failure(status=401))
    llm = create_llm(provider, **vendors.config(provider))

    with pytest.raises(AuthenticationError):
        await llm.models()


async def _texts_and_error(
    llm: AbstractLLMInterface,
) -> tuple[list[str], ProviderError]:
    """Return the text of a reply that fails, and how it failed."""
    texts: list[str] = []
    with pytest.raises(ProviderError) as caught:
        async for event in llm.stream(request(llm)):
            if isinstance(event, TextDelta):
                texts.append(event.text)
    return texts, caught.value
