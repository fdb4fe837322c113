"""Finding a session by what a user calls it."""

from collections.abc import Sequence

from abstractllm_terminal.connection import Json
from abstractllm_terminal.errors import Refused
from abstractllm_terminal.printable import one_line

SHORT_ID = 8


def find_session(sessions: Sequence[Json], wanted: str) -> Json:
    """Return the one session whose id, title, or the beginning of either, is `wanted`.

    Titles match as they are shown, in small and capital letters alike. Raises
    `Refused`.
    """
    folded = one_line(wanted).casefold()

    def title(session: Json) -> str:
        return one_line(session["title"] or "").casefold()

    for found in (
        [session for session in sessions if title(session) == folded],
        [session for session in sessions if session["id"].startswith(folded)],
        [session for session in sessions if title(session).startswith(folded)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(session["id"][:SHORT_ID] for session in found)
            raise Refused(f"{len(found)} sessions match {wanted!r}: {ids}.")
    raise Refused(f"There is no session {wanted!r} here. /sessions lists them.")


def latest_session(sessions: Sequence[Json]) -> Json:
    """Return the session that changed last; raises `Refused` if there is none."""
    if not sessions:
        raise Refused("There is no session to continue here.")
    return sessions[0]
