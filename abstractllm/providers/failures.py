"""What vendors answer instead of a reply, told apart by status and by code.

No vendor's sentence is ever looked at to tell one failure from another; it is only
shown, shortened and without keys.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import attrs

from abstractllm.errors import (
    AuthenticationError,
    ConnectionFailed,
    ContextLengthExceeded,
    InvalidRequest,
    MalformedReply,
    ModelNotFound,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimitError,
    StreamInterrupted,
)
from abstractllm.providers.connection import Connection, key_advice

_LONGEST_SENTENCE = 300

_KEY_LIKE = re.compile(r"\b(?:sk|pk|hf|gsk|key)[-_][\w*.-]{6,}|(?<=Bearer )\S+")

_OVERFLOWS = frozenset(
    {
        "context_length_exceeded",  # OpenAI, and many that speak its wire
        "exceed_context_size_error",  # llama.cpp
        "prompt_too_long",  # Anthropic
        "request_too_large",
    }
)

_STATUSES = {
    # https://docs.claude.com/en/api/errors
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
    # https://platform.openai.com/docs/guides/error-codes
    "invalid_api_key": 401,
    "model_not_found": 404,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "server_error": 500,
}
"""The status of an error that comes when the status line is long gone."""


@attrs.frozen(kw_only=True)
class Refusal:
    """A vendor's error: its status if it had one, its codes, and what it says."""

    status: int | None = None
    codes: tuple[object, ...] = ()
    sentence: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def is_overflow(self) -> bool:
        """Whether the request was too long for the model or the server."""
        return self.status == 413 or not _OVERFLOWS.isdisjoint(map(str, self.codes))

    @property
    def effective_status(self) -> int:
        """The status, or the one that the first known code stands for, or 500."""
        if self.status is not None and self.status >= 400:
            return self.status
        for code in map(str, self.codes):
            if code in _STATUSES:
                return _STATUSES[code]
            if code.isdecimal() and 400 <= int(code) < 600:
                return int(code)
        return 500


class RefusedInStream(Exception):
    """A vendor's error in the place of the next piece of a reply."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def refusal_of(
    body: object,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Refusal:
    """Return a vendor's error from its body, in the shapes that vendors use.

    `{"error": {...}}`, what is in it, or a sentence. OpenAI and its imitators name a
    `code` or a `type`, Anthropic a `type` and an `error_code` among the `details`.
    """
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if not isinstance(error, Mapping):
        error = {"message": error}
    details = error.get("details")
    code = details.get("error_code") if isinstance(details, Mapping) else None
    sentence = error.get("message") or error.get("detail") or error.get("error")
    return Refusal(
        status=status,
        codes=(code, error.get("code"), error.get("type")),
        sentence=sentence if isinstance(sentence, str) else "",
        headers=headers or {},
    )


def refused(
    refusal: Refusal, connection: Connection, model: str | None
) -> ProviderError:
    """Return the error for a vendor's refusal; `model` is the one that was asked."""
    where, status = connection.where, refusal.effective_status
    said = _shown(refusal.sentence, connection)
    if refusal.is_overflow:
        return ContextLengthExceeded(
            f"{where} cannot take so long a session with {model}. Compact it, start a "
            f"new one, or choose a model with a larger context window.{said}"
        )
    if status in (401, 403):
        advice = key_advice(connection.vendor)
        return AuthenticationError(f"{where} did not accept the key. {advice}{said}")
    if status in (402, 429):
        pause = retry_after(refusal.headers)
        when = "later" if pause is None else f"in {pause:.0f} seconds"
        return RateLimitError(
            f"{where} takes no more requests for now. Try again {when}.{said}", pause
        )
    if status == 404 and model is not None:
        return ModelNotFound(
            f"{where} has no model {model!r} for you. Choose another one.{said}"
        )
    if status == 408:
        return timed_out(connection)
    if status >= 500:
        return ProviderUnavailable(
            f"{where} failed or is overloaded (status {status}). Try again later.{said}"
        )
    return InvalidRequest(f"{where} rejected the request (status {status}).{said}")


def unreachable(connection: Connection) -> ConnectionFailed:
    """Return the error for a server that does not take a connection."""
    return ConnectionFailed(
        f"{connection.where} could not be reached. {connection.vendor.advice}"
    )


def interrupted(connection: Connection) -> StreamInterrupted:
    """Return the error for a reply that ended before it was finished."""
    return StreamInterrupted(
        f"The connection to {connection.where} ended in the middle of the reply. "
        "Try again."
    )


def timed_out(connection: Connection) -> ProviderTimeout:
    """Return the error for a server that is silent for too long."""
    return ProviderTimeout(
        f"{connection.where} sent nothing new for too long. Try again, or allow more "
        "time with connect_timeout or idle_timeout."
    )


def malformed(connection: Connection) -> MalformedReply:
    """Return the error for a reply that cannot be read."""
    return MalformedReply(
        f"{connection.where} sent something that is no proper reply. Try again; if it "
        "stays, check that base_url leads to the API."
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the pause a server asks for in seconds (RFC 9110, section 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII):
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (date.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _shown(sentence: str, connection: Connection) -> str:
    """Return a vendor's sentence as the tail of ours, on one line and without keys."""
    line = " ".join(sentence.split())
    if connection.api_key:
        line = line.replace(connection.api_key, "[key]")
    line = _KEY_LIKE.sub("[key]", line)
    if len(line) > _LONGEST_SENTENCE:
        line = line[:_LONGEST_SENTENCE] + "…"
    return f" It says: {line}" if line else ""
