"""What `verify` prints for people."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loader.verify.results import Difference, VerificationVerdict, VerifyResult

_COLOURS = {VerificationVerdict.MATCH: "green", VerificationVerdict.MISMATCH: "red", VerificationVerdict.CANNOT_TELL: "yellow"}


def verification_report(result: VerifyResult) -> RenderableType:
    """The table, the reasons, the first differences."""
    parts: list[RenderableType] = [_table(result)]
    for entity in result.entities:
        parts += [Text(f"{entity.entity}: {reason}") for reason in entity.why]
        parts += [
            Text(f"{entity.entity}: does not count: {count.what}: {count.n:,}{f' ({count.label})' if count.label else ''}")
            for count in entity.counts
            if count.is_excused
        ]
    for drift in result.drift:
        parts.append(
            Text(
                f"edu.{drift.table} has changed since the load: {drift.changed:,} rows ({drift.loaded:,} then, {drift.now:,} now)"
            )
        )
    if result.first:
        parts.append(Text("First differences:"))
        parts += [Text(line(difference)) for difference in result.first]
    if result.snapshots > 1:
        parts.append(Text(f"Read in {result.snapshots} snapshots, because it was interrupted: rows may have changed in between."))
    parts.append(Text(f"Seconds: {result.seconds:.1f}"))
    return Group(*parts)


def _table(result: VerifyResult) -> Table:
    batch = f"batch {result.batch}" if result.batch else "nothing published yet"
    table = Table(title=f"verify: {result.verdict} ({batch})", title_justify="left")
    table.add_column("entity")
    table.add_column("verdict")
    headings = (
        "in scope",
        "matched",
        "inserted",
        "folded",
        "withdrawn",
        "rejected",
        "not yet",
        "application",
        "differences",
        "excused",
    )
    for heading in headings:
        table.add_column(heading, justify="right")
    for entity in result.entities:
        counts = (
            entity.in_scope,
            entity.matched,
            entity.inserted,
            entity.folded,
            entity.withdrawn,
            entity.rejected,
            entity.not_yet,
            entity.application,
            entity.differences,
            entity.excused,
        )
        verdict = Text(str(entity.verdict), style=_COLOURS[entity.verdict])
        table.add_row(entity.entity, verdict, *(f"{count:,}" for count in counts))
    return table


def line(difference: Difference) -> str:
    """One difference on one line."""
    ids = []
    if difference.legacy_id is not None:
        ids.append(f"legacy id {difference.legacy_id}")
    if difference.live_id is not None:
        ids.append(f"live id {difference.live_id}")
    text = f"  {difference.entity}, {', '.join(ids) or 'no id'}: {difference.what}"
    expected, found = difference.expected or {}, difference.found or {}
    columns = [
        f"{name} is {_shown(found.get(name))}" + (f", expected {_shown(expected[name])}" if name in expected else "")
        for name in sorted(expected.keys() | found.keys())
    ]
    if columns:
        text += ": " + "; ".join(columns)
    return text + (f" [{difference.label}]" if difference.label else "") + (" (does not count)" if difference.is_excused else "")


def _shown(value: Any) -> str:
    return "NULL" if value is None else json.dumps(value, ensure_ascii=False)
