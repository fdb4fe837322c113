"""Which texts the model of a session has seen of each file."""

import hashlib

from abstractllm.errors import ChangeRefused
from abstractllm.workspace.documents import Document
from abstractllm.workspace.targets import Target, shown


class Seen:
    """What a model last read of files, by their URIs."""

    def __init__(self) -> None:
        self._texts: dict[str, bytes] = {}

    def note(self, document: Document) -> None:
        """Remember that the model is shown a document, or a part of it."""
        self.note_text(document.uri, document.text)

    def note_text(self, uri: str, text: str) -> None:
        """Remember that the model knows the text of a file."""
        self._texts[uri] = _digest(text)

    def check_fresh(self, target: Target) -> None:
        """Raise `ChangeRefused` where a file changed since the model read it."""
        known = self._texts.get(target.uri)
        if None not in (known, target.text) and known != _digest(target.text or ""):
            raise ChangeRefused(
                f"{target.name} has changed since you read it. Read it again."
            )

    def check_read(self, target: Target) -> None:
        """Raise `ChangeRefused` where the model does not know what a file holds."""
        if target.text is not None and target.uri not in self._texts:
            raise ChangeRefused(
                f"{target.name} is there already and you have not read it. Read it "
                "first, or change parts of it with edit_file."
            )
        self.check_fresh(target)


def _digest(text: str) -> bytes:
    return hashlib.sha256(shown(text).encode("utf-8", "surrogatepass")).digest()
