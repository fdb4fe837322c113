"""Where a vendor is reached, and with which key."""

import os
from urllib.parse import SplitResult, urlsplit

import attrs

from abstractllm.enums import ModelParameter
from abstractllm.errors import InvalidParameter, MissingKey
from abstractllm.interface import Config

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})


@attrs.frozen(kw_only=True)
class Vendor:
    """What is known of a vendor before anything is configured."""

    title: str
    base_url: str
    key_variable: str
    url_variable: str | None = None
    needs_key: bool = True
    """Whether the vendor's own server wants one; other servers may do without."""
    advice: str = "Check the network connection and base_url."
    """What to do when it cannot be reached."""


@attrs.frozen(kw_only=True)
class Connection:
    """How requests reach a server; equal connections share an SDK client.

    Times are in seconds. `idle_timeout` is how long a reply may bring nothing new.
    """

    vendor: Vendor
    base_url: str
    api_key: str | None = attrs.field(default=None, repr=False)
    connect_timeout: float = 15.0
    idle_timeout: float = 120.0
    max_retries: int | None = None

    @property
    def is_own(self) -> bool:
        """Whether this is the vendor's own server."""
        own = _split(self.vendor.base_url).hostname or ""
        host = _split(self.base_url).hostname or ""
        return host == own or host.endswith(f".{own}")

    @property
    def is_loopback(self) -> bool:
        """Whether the server runs on this machine, where no proxy may come between."""
        return is_loopback(self.base_url)

    @property
    def where(self) -> str:
        """The server's name for people, free of credentials that a URL may hold."""
        host = _split(self.base_url).netloc.rpartition("@")[2]
        return f"{self.vendor.title} ({host})"


def is_loopback(url: str) -> bool:
    """Return whether an address is one of this machine."""
    return _split(url).hostname in _LOOPBACK


def connect(vendor: Vendor, config: Config) -> Connection:
    """Return how to reach `vendor`, from a checked configuration and the environment.

    The key is `api_key`, or else the environment's; an empty `api_key` sends none. A
    key from the environment goes to a `base_url` from the configuration too, as it
    does with the vendors' own SDKs: who names a server decides where the key goes.
    This is safe because a base URL comes from the caller, his environment or his own
    settings only, never from a workspace or a stored session (`SECRET_PARAMETERS`).

    Raises `MissingKey` where the vendor's own server would be asked without a key,
    and `InvalidParameter` for a base URL or a key that cannot be one.
    """
    connection = Connection(
        vendor=vendor,
        base_url=_base_url(vendor, config),
        api_key=_api_key(vendor, config),
        connect_timeout=config.get(ModelParameter.CONNECT_TIMEOUT, 15.0),
        idle_timeout=config.get(ModelParameter.IDLE_TIMEOUT, 120.0),
        max_retries=config.get(ModelParameter.MAX_RETRIES),
    )
    if vendor.needs_key and connection.is_own and connection.api_key is None:
        raise MissingKey(f"{vendor.title} needs an API key. {key_advice(vendor)}")
    return connection


def key_advice(vendor: Vendor) -> str:
    """Return the sentence that tells the ways to give a key."""
    return (
        f"Set the environment variable {vendor.key_variable}, pass api_key to "
        "create_llm or in provider_config, or set the key in your editor."
    )


def _api_key(vendor: Vendor, config: Config) -> str | None:
    key = config.get(ModelParameter.API_KEY)
    if key is None:
        key = os.environ.get(vendor.key_variable, "")
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise InvalidParameter(
            f"api_key, or {vendor.key_variable}, holds letters that no key has. Copy "
            "the key again."
        )
    return key or None


def _base_url(vendor: Vendor, config: Config) -> str:
    named = os.environ.get(vendor.url_variable, "") if vendor.url_variable else ""
    url = str(config.get(ModelParameter.BASE_URL) or named or vendor.base_url)
    url = url.strip().rstrip("/")
    try:
        split = _split(url)
        valid = split.scheme in ("http", "https") and (split.port or split.netloc)
    except ValueError:
        valid = False
    if not valid:
        raise InvalidParameter(
            "base_url must be the address of a server, such as https://host/v1."
        )
    return url


def _split(url: str) -> SplitResult:
    """Split a URL, or what `OLLAMA_HOST` may hold: a host, a port or both."""
    return urlsplit(url if "://" in url else f"http://{url}")
