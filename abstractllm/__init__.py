"""LLM sessions over many providers.

>>> from abstractllm import Session, create_llm
>>> session = Session(provider=create_llm("openai"))
>>> print(session.generate("Why is the sky blue?"))
"""

from abstractllm.enums import MessageRole, ModelParameter
from abstractllm.errors import AbstractLLMError
from abstractllm.interface import AbstractLLMInterface
from abstractllm.messages import Message
from abstractllm.providers.registry import create_llm
from abstractllm.session import Session, SessionManager
from abstractllm.tools.definition import ToolDefinition

__all__ = [
    "AbstractLLMError",
    "AbstractLLMInterface",
    "Message",
    "MessageRole",
    "ModelParameter",
    "Session",
    "SessionManager",
    "ToolDefinition",
    "create_llm",
]
