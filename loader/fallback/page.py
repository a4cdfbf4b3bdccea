"""The table of docs/fallback.md: every column and where its value comes from, from the list that the code uses."""

from __future__ import annotations

from loader.fallback.relations import RELATIONS, Source

_WORDS = {
    Source.CROSSWALK: "crosswalk",
    Source.LIVE: "**edu, live**",
    Source.PUBLISHED: "edu, as published",
    Source.LMS: "lms only, as published",
    Source.NONE: "**NULL**",
}


def columns_table() -> str:
    """Markdown: one line per relation and source, with the columns and what they come from."""
    lines = ["| relation | source | columns (legacy source) |", "|---|---|---|"]
    for relation in RELATIONS:
        for source in Source:
            columns = [
                f"`{name}`" + (f" ({origin.legacy})" if origin.legacy != "–" else "")
                for name, origin in relation.columns.items()
                if origin.source is source
            ]
            if columns:
                lines.append(f"| `{relation.name}` | {_WORDS[source]} | {', '.join(columns)} |")
    return "\n".join(lines) + "\n"
