"""What a model's name tells of the parameters it takes.

No vendor's API says this, so it is read off the name, whichever server it is asked at.
A name that is not known is taken to accept everything: the vendor's own sentence then
tells what it does not.
"""

import re

_OPENAI_REASONING = re.compile(r"^(?:openai/)?(?:o\d|gpt-(?:[5-9]|\d\d))")
_GPT_VERSION = re.compile(r"^(?:openai/)?gpt-(\d+)(?:\.(\d+))?")
_CLAUDE_VERSION = re.compile(r"claude-[a-z]+-(\d+)(?:-(\d{1,2}))?(?!\d)")


def is_openai_reasoning(model: str) -> bool:
    """Whether this is one of OpenAI's models that take no sampling parameters."""
    return bool(_OPENAI_REASONING.match(model))


def gpt_refuses_effort_beside_tools(model: str) -> bool:
    """Whether Chat Completions refuses `reasoning_effort` together with tools.

    Reported from gpt-5.2 on (livekit/agents#5088, openai/openai-openapi#541).
    """
    return _version(_GPT_VERSION, model) >= (5, 2)


def gpt_refuses_tools_unless_told_not_to_reason(model: str) -> bool:
    """Whether tools need `reasoning_effort` "none", as from gpt-5.6 on.

    These models reason by default (BerriAI/litellm#34569).
    """
    return _version(_GPT_VERSION, model) >= (5, 6)


def claude_is_adaptive(model: str) -> bool:
    """Whether this Claude decides itself how long to think, as from 4.7 on.

    It refuses a thinking budget and all sampling parameters
    (https://platform.claude.com/docs/en/about-claude/models/whats-new-sonnet-5).
    """
    return _version(_CLAUDE_VERSION, model) >= (4, 7)


def _version(pattern: re.Pattern[str], model: str) -> tuple[int, int]:
    found = pattern.search(model)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)
