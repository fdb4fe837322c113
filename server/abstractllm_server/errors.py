"""The edge where errors become answers: a sentence, a code and a kind."""

import logging
from typing import Any

from lsprotocol.types import ErrorCodes, LSPErrorCodes, ResponseError
from pygls.exceptions import JsonRpcException

from abstractllm.errors import AbstractLLMError, RateLimitError, UsageError

logger = logging.getLogger(__name__)


class InvalidArguments(UsageError):
    """A method was called with arguments that it does not take."""

    kind = "invalidArguments"


class InternalError(AbstractLLMError):
    """Something broke that nobody foresaw."""

    kind = "internal"


INTERNAL_MESSAGE = "Something went wrong inside the server. Its log has the details."


def error_to_json(error: Exception) -> dict[str, Any]:
    """Return what a client is told of an error: `{kind, message, retryAfter?}`.

    Errors that nobody foresaw are logged here and told without their details, which
    may hold paths or keys.
    """
    if isinstance(error, AbstractLLMError):
        told: dict[str, Any] = {"kind": error.kind, "message": str(error)}
        if isinstance(error, RateLimitError) and error.retry_after is not None:
            told["retryAfter"] = error.retry_after
        return told
    if isinstance(error, JsonRpcException):
        return {"kind": "protocol", "message": error.message}
    logger.error("unforeseen error", exc_info=error)
    return {"kind": InternalError.kind, "message": INTERNAL_MESSAGE}


def response_error(error: Exception) -> ResponseError:
    """Return the JSON-RPC error that answers a request."""
    told = error_to_json(error)
    message = told.pop("message")
    return ResponseError(code=_code_of(error), message=message, data=told)


def _code_of(error: Exception) -> int:
    if isinstance(error, JsonRpcException):
        return error.code
    if isinstance(error, UsageError):
        return int(ErrorCodes.InvalidParams)
    if isinstance(error, AbstractLLMError):
        return int(LSPErrorCodes.RequestFailed)
    return int(ErrorCodes.InternalError)
