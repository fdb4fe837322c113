"""How much Claude is to think, and what depends on it: tokens and sampling."""

from typing import Any

from abstractllm.enums import ModelParameter
from abstractllm.events import Notice
from abstractllm.providers.families import claude_is_adaptive
from abstractllm.providers.parameters import Parameters

_DEFAULT_MAX_TOKENS = 8192
"""For the answer; thinking within a budget comes on top."""

_LEAST_BUDGET = 1024
"""Tokens; a budget must also be below `max_tokens`:
https://platform.claude.com/docs/en/build-with-claude/extended-thinking"""

_SAMPLING_WORDS = {
    ModelParameter.TEMPERATURE: "temperature",
    ModelParameter.TOP_P: "top_p",
    ModelParameter.TOP_K: "top_k",
}


def settle_thinking(body: dict[str, Any], parameters: Parameters) -> list[Notice]:
    """Set thinking, `max_tokens` and the sampling parameters that go with both."""
    model = body["model"]
    budget = parameters.take(ModelParameter.THINKING_BUDGET)
    most = parameters.take(ModelParameter.MAX_TOKENS)
    if claude_is_adaptive(model):
        thinking, notices = _adaptive(model, budget)
    else:
        budget, notices = _fitting(budget, most)
        # These do not think unless they are told to.
        thinking = {"type": "enabled", "budget_tokens": budget} if budget else None
        if thinking is None:
            body |= parameters.take_all(_SAMPLING_WORDS)
    if thinking is not None:
        body["thinking"] = thinking
    body["max_tokens"] = most or _DEFAULT_MAX_TOKENS + (budget or 0)
    return notices


def _adaptive(
    model: str, budget: int | None
) -> tuple[dict[str, Any] | None, list[Notice]]:
    """Return thinking for a model that decides itself how much it thinks."""
    if budget is None:
        return None, []
    if budget == 0:
        return {"type": "disabled"}, []
    notice = Notice(
        f"{model} decides itself how much it thinks: thinking_budget only switches "
        "thinking on. Use reasoning_effort for more or less."
    )
    return {"type": "adaptive", "display": "summarized"}, [notice]


def _fitting(budget: int | None, most: int | None) -> tuple[int, list[Notice]]:
    """Return a budget that the API takes, 0 where there is none, and what was changed.

    `most` is `max_tokens`, which the user does not want to pay more than. Where the
    budget would take all of it, the answer gets a half.
    """
    if not budget:
        return 0, []
    fitting = max(budget, _LEAST_BUDGET)
    if most is not None and fitting >= most:
        fitting = most // 2
    if fitting == budget:
        return budget, []
    if fitting < _LEAST_BUDGET:
        return 0, [
            Notice(
                f"A max_tokens of {most} leaves no room for thinking, which takes "
                f"{_LEAST_BUDGET} tokens or more: thinking_budget left out."
            )
        ]
    return fitting, [
        Notice(
            f"A thinking_budget is {_LEAST_BUDGET} or more and below max_tokens: "
            f"{fitting} instead of {budget}."
        )
    ]
