"""The environment that child processes are given: the user's, without his secrets."""

import os
import re

_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL", re.IGNORECASE)


def child_environment() -> dict[str, str]:
    """Return this process's environment without whatever names a secret.

    Every child is started with it: the local model, a search, a command. None of them
    has need of a key, and what it prints or sends on is out of our hands.
    """
    return {
        name: value for name, value in os.environ.items() if not _SECRET.search(name)
    }
