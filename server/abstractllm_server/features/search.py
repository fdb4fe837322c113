"""Searching what was said."""

from typing import Any

from abstractllm.encoding import to_json
from abstractllm.store.contract import SearchHit
from abstractllm_server.context import Context
from abstractllm_server.errors import InvalidArguments
from abstractllm_server.protocol import SearchSessions

Json = dict[str, Any]

PAGE = 20

MAX_PAGE = 100


async def search(context: Context, params: SearchSessions) -> Json:
    """Return messages that hold a text, and sessions whose titles do."""
    if not params.query.strip():
        raise InvalidArguments("`query` must not be blank.")
    if params.limit is not None and not 0 < params.limit <= MAX_PAGE:
        raise InvalidArguments(f"`limit` must be from 1 to {MAX_PAGE}.")
    page = await context.sessions.search_async(
        params.query, params.limit or PAGE, params.cursor, params.session_id
    )
    return {
        "hits": [_hit(hit) for hit in page.hits],
        "titles": to_json(page.titles),
        "nextCursor": page.next_cursor,
    }


def _hit(hit: SearchHit) -> Json:
    matches = [[_units(hit.snippet, place) for place in pair] for pair in hit.matches]
    return {**to_json(hit), "matches": matches}


def _units(text: str, place: int) -> int:
    """Return a place in a text in UTF-16 units, as editors count."""
    return len(text[:place].encode("utf-16-le", "surrogatepass")) // 2
