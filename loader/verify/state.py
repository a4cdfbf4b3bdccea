"""Where a verification is, in the ledger: an interrupted one can go on there."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from psycopg.types.json import Jsonb

from loader import queries
from loader.connection import Connection
from loader.load import new_id
from loader.plan import row
from loader.results import as_json
from loader.verify.core import Place, Tally
from loader.verify.results import Difference, DifferenceCount, EntityVerification, VerificationVerdict


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. A resumed verification takes over all of it."""

    entities: tuple[str, ...]
    block_size: int
    first: int
    allow_edits: bool
    seeds: str


@dataclass(slots=True)
class Finished:
    """An entity that is done."""

    result: EntityVerification
    first: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A verification that was not finished.

    Attributes:
        verification_id: its id.
        batch: the last published batch when it began.
        options: its options.
        finished: the entities that were done.
        entity: the one that it was in; None between two of them.
        tally: what it had found in it.
        upper: the highest legacy id that was done in it.
    """

    verification_id: str
    batch: str | None
    options: Options
    finished: tuple[Finished, ...]
    entity: str | None
    tally: Tally
    upper: int | None


class State:
    """One row of the ledger, on a connection of its own: the reading one is inside its transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.connection.execute(queries.read("verify/state_table"))
        self.verification_id = new_id()
        self.finished: list[Finished] = []

    def begin(self, batch: str | None, options: Options) -> None:
        """Write down that a verification begins."""
        values = {"verification_id": self.verification_id, "batch_id": batch, "options": Jsonb(asdict(options))}
        self.connection.execute(queries.read("verify/state_begin"), values)

    def resume(self, interrupted: Interrupted) -> int:
        """Go on with an interrupted one; returns in how many snapshots it reads with this one."""
        self.verification_id = interrupted.verification_id
        self.finished = list(interrupted.finished)
        found = self.connection.execute(queries.read("verify/state_resume"), {"verification_id": self.verification_id}).fetchone()
        return int(found[0]) if found else 1

    def save(self, place: Place | None, tally: Tally | None) -> None:
        """Write down how far it has come."""
        where = None
        if place is not None and tally is not None:
            where = {
                "entity": place.entity,
                "block": place.block,
                "blocks": place.blocks,
                # text: legacy ids exceed the exact integers of most readers of JSON
                "upper": None if place.upper is None else str(place.upper),
                "counts": [as_json(DifferenceCount(*key, n)) for key, n in tally.counts.items()],
                "first": as_json(tally.first),
            }
        results = [{"result": as_json(done.result), "first": as_json(done.first)} for done in self.finished]
        values = {"verification_id": self.verification_id, "place": Jsonb(where), "results": Jsonb(results)}
        self.connection.execute(queries.read("verify/state_save"), values)

    def end(self, verdict: VerificationVerdict) -> None:
        """Write down the verdict."""
        self.connection.execute(queries.read("verify/state_end"), {"verification_id": self.verification_id, "verdict": verdict})

    def last(self) -> Interrupted | None:
        """The last verification, if it was not finished."""
        found = row(self.connection, "verify/state_last")
        return _interrupted(found) if found else None


def _interrupted(found: dict[str, Any]) -> Interrupted:
    options = Options(**{**found["options"], "entities": tuple(found["options"]["entities"])})
    place, tally = found["place"], Tally(options.first)
    if place:
        tally.add([DifferenceCount(**count) for count in place["counts"]], [Difference(**entry) for entry in place["first"]])
    return Interrupted(
        verification_id=found["verification_id"],
        batch=found["batch_id"],
        options=options,
        finished=tuple(
            Finished(_result(entry["result"]), tuple(Difference(**difference) for difference in entry["first"]))
            for entry in found["results"]
        ),
        entity=place["entity"] if place else None,
        tally=tally,
        upper=int(place["upper"]) if place and place["upper"] is not None else None,
    )


def _result(found: dict[str, Any]) -> EntityVerification:
    counts = tuple(DifferenceCount(**count) for count in found["counts"])
    return EntityVerification(
        **{**found, "verdict": VerificationVerdict(found["verdict"]), "why": tuple(found["why"]), "counts": counts}
    )
