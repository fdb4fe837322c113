"""What child processes are told of the environment."""

import pytest

from abstractllm.environment import child_environment


def test_a_child_gets_the_environment_without_whatever_names_a_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets = (
        "OPENAI_API_KEY",
        "HF_TOKEN",
        "aws_secret_access_key",
        "PGPASSWORD",
        "MYSQL_PASSWD",
        "SSH_PASSPHRASE",
        "GOOGLE_APPLICATION_CREDENTIALS",
    )
    before = child_environment()
    for name in secrets:
        monkeypatch.setenv(name, "4f1c0a9be27d4b63")
    monkeypatch.setenv("EDITOR", "ed")

    assert child_environment() == {**before, "EDITOR": "ed"}
