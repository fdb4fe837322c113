"""Lists to choose from: sessions, providers, models, approvals."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from abstractllm_terminal.connection import Json
from abstractllm_terminal.finding import SHORT_ID
from abstractllm_terminal.printable import one_line


def sessions_table(sessions: Sequence[Json], current_id: str | None) -> Table:
    """Return sessions, given as `info`s, in numbered rows; the current one is bold."""
    table = _table("", "Title", "Messages", "Model", "Changed", "Id")
    for number, session in enumerate(sessions, start=1):
        _add(
            table,
            str(number),
            _marked(session),
            str(session["messageCount"]),
            session["model"] or "",
            _local_time(session["updatedAt"]),
            session["id"][:SHORT_ID],
            is_current=session["id"] == current_id,
        )
    return table


def _marked(session: Json) -> str:
    """Return a session's title, and whether it is pinned or answered elsewhere."""
    mark = "★ " if session["pinned"] else "● " if session["runningElsewhere"] else ""
    return f"{mark}{session['title'] or '(no title)'}"


def providers_table(providers: Sequence[Json], current_name: str | None) -> Table:
    """Return providers with their models and needs; the current one is bold."""
    table = _table("Provider", "Model", "State")
    for provider in providers:
        obstacle = provider["obstacle"]
        _add(
            table,
            provider["name"],
            provider["model"],
            obstacle["message"] if obstacle else "ready",
            is_current=provider["name"] == current_name,
        )
    return table


def models_table(models: Sequence[Json], current_id: str | None) -> Table:
    """Return models with the tokens they can read; the current one is bold."""
    table = _table("Model", "Context")
    for model in models:
        window = model["contextWindow"]
        _add(
            table,
            model["id"],
            f"{window:,}" if window else "",
            is_current=model["id"] == current_id,
        )
    return table


def approvals_table(approvals: Sequence[Json]) -> Table:
    """Return what is allowed for always, in numbered rows."""
    table = _table("", "Allowed", "Only", "Since")
    for number, approval in enumerate(approvals, start=1):
        cells = str(number), approval["tool"], approval["scope"]
        _add(table, *cells, _local_time(approval["since"]), is_current=False)
    return table


def found_table(found: Sequence[Json]) -> Table:
    """Return what a search found, in numbered rows; matches are bold."""
    table = _table("", "Found", "In")
    for number, hit in enumerate(found, start=1):
        text = one_line(hit.get("snippet", ""))
        snippet = Text(text)
        if text == hit.get("snippet"):
            for start, end in hit["matches"]:
                snippet.stylize("bold", _place(text, start), _place(text, end))
        title = one_line(hit["title"] or "(no title)")
        table.add_row(str(number), snippet, Text(title))
    return table


def _place(text: str, units: int) -> int:
    """Return a place that is given in UTF-16 units in characters."""
    return len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))


def usage_table(usage: Json) -> Table:
    """Return what sessions used and cost; the sum is bold."""
    table = _table("Session", "Read", "Written", "Cost")
    for used in [*usage["sessions"], {"title": "All", **usage["total"]}]:
        _add(
            table,
            used["title"] or "(no title)",
            f"{used['inputTokens']:,}",
            f"{used['outputTokens']:,}",
            _money(used["cost"]),
            is_current="sessionId" not in used,
        )
    return table


def _money(cost: Json | None) -> str:
    if cost is None:
        return "not known"
    digits = 4 if cost["amount"] < 0.01 else 2
    at_least = "at least " if cost.get("incomplete") else ""
    return f"{at_least}${cost['amount']:.{digits}f}"


def _local_time(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}"


def _table(*headers: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for header in headers:
        table.add_column(header)
    return table


def _add(table: Table, *cells: str, is_current: bool) -> None:
    texts = [Text(one_line(cell)) for cell in cells]
    table.add_row(*texts, style="bold" if is_current else "")
