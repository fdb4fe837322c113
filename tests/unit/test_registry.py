"""Providers by name."""

import pytest

from abstractllm.enums import ModelParameter
from abstractllm.errors import InvalidParameter, UnknownProvider
from abstractllm.providers.registry import PROVIDERS, create_llm, parse_provider


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_is_made_without_a_key_and_knows_a_model(name: str) -> None:
    llm = create_llm(name)

    assert llm.name == name
    assert llm.model == llm.default_model


@pytest.mark.parametrize(
    ("reference", "parsed"),
    [
        ("openai", ("openai", None)),
        ("openai:", ("openai", None)),
        ("anthropic:claude-x", ("anthropic", "claude-x")),
        ("ollama:llama3:8b", ("ollama", "llama3:8b")),
    ],
)
def test_a_reference_is_split_at_its_first_colon(
    reference: str, parsed: tuple[str, str | None]
) -> None:
    assert parse_provider(reference) == parsed


def test_a_reference_may_name_the_model_and_a_keyword_beats_it() -> None:
    assert create_llm("ollama:llama3:8b").model == "llama3:8b"
    assert create_llm("ollama:llama3:8b", model="other").model == "other"


def test_parameters_may_be_given_as_enum_members_or_as_strings() -> None:
    by_member = create_llm("openai", **{ModelParameter.TEMPERATURE: 0.5})
    by_name = create_llm("openai", temperature=0.5)

    assert by_member.config == by_name.config == {ModelParameter.TEMPERATURE: 0.5}


def test_an_unknown_provider_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownProvider) as caught:
        create_llm("opnai")

    assert str(caught.value) == (
        f"There is no provider 'opnai'. Use one of: {', '.join(PROVIDERS)}."
    )


def test_an_unknown_parameter_is_refused_at_once() -> None:
    with pytest.raises(InvalidParameter):
        create_llm("openai", temprature=1)
