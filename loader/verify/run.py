"""`edu2lms verify`: one verification from the connection to the verdict."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import IsolationLevel

from loader.config import Settings
from loader.connection import Connection, connected, one_line
from loader.console import Progress
from loader.errors import (
    NothingToResumeError,
    NotPreparedError,
    RemoteConnectError,
    UnknownEntityError,
    VerificationOutdatedError,
    VerificationStoppedError,
)
from loader.locks import LOAD_OR_RUN, advisory_lock
from loader.plan import row
from loader.project import Project
from loader.verify.core import BLOCK_SIZE, FIRST, Place, Tally, Verification
from loader.verify.entities import ENTITIES, SEEDS
from loader.verify.results import EntityVerification, VerificationVerdict, VerifyResult
from loader.verify.state import Finished, Interrupted, Options, State

_REQUIRED = ("ledger.crosswalk", "ledger.batches", "ledger.batch_tables", "ledger.value_warnings", "edu_fdw.journal")


def choose(wanted: Sequence[str]) -> tuple[str, ...]:
    """The wanted entities in the order of their dependence; all of them when none is named.

    Raises:
        UnknownEntityError: a name is no entity.
    """
    if unknown := [name for name in wanted if name not in ENTITIES]:
        raise UnknownEntityError(names=", ".join(unknown), known=", ".join(ENTITIES))
    return tuple(name for name in ENTITIES if not wanted or name in wanted)


def verify(
    settings: Settings,
    project: Project,
    *,
    wanted: Sequence[str] = (),
    block_size: int = BLOCK_SIZE,
    first: int = FIRST,
    allow_edits: bool = False,
    resume: bool = False,
    progress: Progress,
) -> VerifyResult:
    """Compare edu as it is now with the live tables, through the crosswalk.

    Args:
        settings: where and as whom.
        project: the dbt project, for its seeds.
        wanted: entities; all of them when empty.
        block_size: legacy ids in one block.
        first: how many differences of each entity are kept.
        allow_edits: differences of rows that the application has edited or deleted since do not count.
        resume: go on with the last verification, with its options, where it was interrupted.
        progress: is told what happens.

    Raises:
        UnknownEntityError: a wanted name is no entity.
        NotPreparedError: `prepare` has not been run.
        NothingToResumeError: the last verification was finished.
        VerificationOutdatedError: since it was interrupted, a batch was published or a seed was changed.
        VerificationStoppedError: a statement failed.
        BusyError: a load or run is at work.
    """
    folder = project.root / "seeds"
    options = Options(choose(wanted), block_size, first, allow_edits, _seed_hash(folder))
    with (
        connected(settings, "lms", settings.lms) as guard,
        advisory_lock(settings, guard, LOAD_OR_RUN),  # a load would empty the staged copies under our eyes
        connected(settings, "lms", settings.lms) as lms,
    ):
        _require(settings, lms)
        state = State(guard)
        batch = (row(guard, "status_batch") or {}).get("batch_id")
        interrupted = _to_resume(state, batch, options.seeds) if resume else None
        if interrupted:
            options = interrupted.options
        else:
            state.begin(batch, options)
        return _Run(settings, lms, folder, options, state, interrupted, progress).run(batch)


def _to_resume(state: State, batch: str | None, seeds: str) -> Interrupted:
    interrupted = state.last()
    if interrupted is None:
        raise NothingToResumeError()
    if interrupted.batch != batch:
        raise VerificationOutdatedError(what=f"batch {batch} was published")
    if interrupted.options.seeds != seeds:
        raise VerificationOutdatedError(what="a seed was changed")
    return interrupted


def _require(settings: Settings, lms: Connection) -> None:
    for name in _REQUIRED:
        found = lms.execute("select to_regclass(%s) is not null", (name,)).fetchone()
        if not found or not found[0]:
            raise NotPreparedError(what=name, where=settings.where("lms"))


def _seed_hash(folder: Path) -> str:
    return hashlib.sha256(b"".join((folder / f"{name}.csv").read_bytes() for name in SEEDS)).hexdigest()[:16]


class _Run:
    """One call."""

    def __init__(
        self,
        settings: Settings,
        lms: Connection,
        folder: Path,
        options: Options,
        state: State,
        interrupted: Interrupted | None,
        progress: Progress,
    ) -> None:
        self.settings = settings
        self.lms = lms
        self.options = options
        self.state = state
        self.interrupted = interrupted
        self.progress = progress
        self.place = "reading edu"
        self.verification = Verification(
            lms, folder, block_size=options.block_size, first=options.first, allow_edits=options.allow_edits
        )

    def run(self, batch: str | None) -> VerifyResult:
        started = time.monotonic()
        snapshots = self.state.resume(self.interrupted) if self.interrupted else 1
        self.lms.isolation_level = IsolationLevel.REPEATABLE_READ
        try:
            # postgres_fdw opens a REPEATABLE READ transaction in edu as well: one snapshot on either side
            with self.lms.transaction(force_rollback=True):
                if batch is not None:
                    self._compare()
        except KeyboardInterrupt:
            self.progress.line(f"verify: interrupted in {self.place}. `edu2lms verify --resume` goes on there.")
            raise
        except psycopg.errors.SqlclientUnableToEstablishSqlconnection as error:
            raise RemoteConnectError(where=self.settings.where("edu"), reason=self.settings.mask(one_line(error))) from None
        except psycopg.Error as error:
            raise VerificationStoppedError(place=self.place, reason=self.settings.mask(one_line(error))) from None
        finished = self.state.finished if batch is not None else [_untold(entity) for entity in self.options.entities]
        result = VerifyResult(
            verdict=overall([done.result for done in finished]),
            batch=batch,
            snapshots=snapshots,
            entities=tuple(done.result for done in finished),
            drift=self.verification.drift,
            first=tuple(difference for done in finished for difference in done.first),
            seconds=round(time.monotonic() - started, 3),
        )
        self.state.end(result.verdict)
        return result

    def _compare(self) -> None:
        self.verification.begin()
        self.verification.seal()
        with self.progress.bar("verify", len(self.options.entities), "entities") as bar:
            self.verification.read(bar.now)
            self.verification.lay_ground()
            done = {finished.result.entity for finished in self.state.finished}
            for entity in self.options.entities:
                bar.now(entity)
                if entity not in done:
                    self._entity(entity)
                bar.advance(f"{entity}: {self.state.finished[-1].result.verdict}", 1)

    def _entity(self, entity: str) -> None:
        self.place = entity
        tally, after = None, None
        if self.interrupted and self.interrupted.entity == entity:
            tally, after = self.interrupted.tally, self.interrupted.upper
        result, first = self.verification.compare(entity, tally, after=after, on=self._on_block)
        self.state.finished.append(Finished(result, first))
        self.state.save(None, None)

    def _on_block(self, place: Place, tally: Tally) -> None:
        self.place = f"{place.entity}, block {place.block} of {place.blocks}"
        if place.upper is not None:  # the end of the last block is the end of the entity
            self.state.save(place, tally)


def _untold(entity: str) -> Finished:
    why = ("nothing has been published",)
    empty = EntityVerification(entity, VerificationVerdict.CANNOT_TELL, why, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ())
    return Finished(empty, ())


def overall(entities: Sequence[EntityVerification]) -> VerificationVerdict:
    """The verdict over several entities."""
    found = {entity.verdict for entity in entities}
    for verdict in (VerificationVerdict.MISMATCH, VerificationVerdict.CANNOT_TELL):
        if verdict in found:
            return verdict
    return VerificationVerdict.MATCH
