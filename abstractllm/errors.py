"""Everything that can go wrong, told apart by type.

    AbstractLLMError
    ├── UsageError                  the call itself is wrong
    │   ├── NoProvider
    │   ├── UnknownProvider
    │   ├── InvalidParameter
    │   ├── FileRefused             a file that may not, or cannot, be read or changed
    │   │   └── FileMissing
    │   ├── ChangeRefused           a change that does not fit what is there now
    │   └── TurnRunning
    ├── UnknownSession
    ├── SessionExists
    ├── InvalidSessionFile
    ├── StoreError                  the session store cannot be read or written
    │   └── StoreClosed
    └── ProviderError               a provider refused, failed or could not be reached
        ├── AuthenticationError
        │   └── MissingKey
        ├── RateLimitError          .retry_after
        ├── ModelNotFound
        ├── ContextLengthExceeded
        ├── InvalidRequest
        ├── ProviderUnavailable
        ├── ConnectionFailed
        │   └── StreamInterrupted
        ├── ProviderTimeout
        ├── MalformedReply
        └── LocalModelError

Each class has a `kind`, the word for it on the wire. The message is written for the
person who reads it and says what to do next; it never holds a key.
"""

from typing import ClassVar


class AbstractLLMError(Exception):
    """Base of all errors this library raises on purpose."""

    kind: ClassVar[str] = "error"


class UsageError(AbstractLLMError):
    """The call cannot be carried out as it was made."""

    kind = "usage"


class NoProvider(UsageError):
    """A turn was asked for, but neither the session nor the call names a provider."""

    kind = "noProvider"


class UnknownProvider(UsageError):
    """No provider has this name."""

    kind = "unknownProvider"


class InvalidParameter(UsageError):
    """A parameter's name or value is not one that can be used."""

    kind = "invalidParameter"


class FileRefused(UsageError):
    """A file is outside the workspace, secret, ignored, not there or not text."""

    kind = "fileRefused"


class FileMissing(FileRefused):
    """There is no such file."""

    kind = "fileMissing"


class ChangeRefused(UsageError):
    """A change of files was not applied, since it does not fit what is there now."""

    kind = "changeRefused"


class TurnRunning(UsageError):
    """The session already answers another prompt."""

    kind = "turnRunning"


class UnknownSession(AbstractLLMError):
    """No session has this id."""

    kind = "unknownSession"


class SessionExists(AbstractLLMError):
    """A session with this id is there already."""

    kind = "sessionExists"


class InvalidSessionFile(AbstractLLMError):
    """A file given to `Session.load` does not hold a session."""

    kind = "invalidSessionFile"


class StoreError(AbstractLLMError):
    """The session store cannot be read or written."""

    kind = "store"


class StoreClosed(StoreError):
    """The session store was let go of, and takes nothing any more."""


class ProviderError(AbstractLLMError):
    """A provider refused a request, failed, or could not be reached."""

    kind = "provider"


class AuthenticationError(ProviderError):
    """The provider does not accept the key."""

    kind = "authentication"


class MissingKey(AuthenticationError):
    """The provider needs a key and none was given."""

    kind = "missingKey"


class RateLimitError(ProviderError):
    """Too many requests, or the quota is used up.

    `retry_after` is the provider's own advice in seconds, where it gave one.
    """

    kind = "rateLimit"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelNotFound(ProviderError):
    """The provider does not have this model, or not for this key."""

    kind = "modelNotFound"


class ContextLengthExceeded(ProviderError):
    """The history is longer than the model's context window."""

    kind = "contextLengthExceeded"


class InvalidRequest(ProviderError):
    """The provider rejected the request for what it says."""

    kind = "invalidRequest"


class ProviderUnavailable(ProviderError):
    """The provider failed or is overloaded."""

    kind = "unavailable"


class ConnectionFailed(ProviderError):
    """The provider could not be reached."""

    kind = "connection"


class StreamInterrupted(ConnectionFailed):
    """The connection broke, or ended, in the middle of a reply."""

    kind = "streamInterrupted"


class ProviderTimeout(ProviderError):
    """The provider did not connect, or sent nothing, for too long."""

    kind = "timeout"


class MalformedReply(ProviderError):
    """The provider sent something that its own protocol does not allow."""

    kind = "malformedReply"


class LocalModelError(ProviderError):
    """The local model is not installed, or its process did not start or died."""

    kind = "localModel"
