"""A migrated copy that is corrupted and verified within one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from databases import ROOT
from psycopg import sql

from loader.verify import Difference, EntityVerification, Verification
from loader.verify.entities import ENTITIES


@dataclass(frozen=True)
class Corruptible:
    """One connection of a superuser, with triggers and foreign keys suspended; edu has been read."""

    connection: psycopg.Connection
    verification: Verification
    role: str

    @classmethod
    def open(cls, connection: psycopg.Connection, role: str) -> Corruptible:
        """Read edu once, for all corruptions of lms.

        Args:
            connection: of a superuser.
            role: that of the migration, under which everything is verified.
        """
        connection.execute("set session_replication_role = replica")
        connection.commit()
        verification = Verification(connection, ROOT / "seeds", first=3)
        made = cls(connection, verification, role)
        made._act_as_migration()
        verification.begin()
        verification.read()
        return made

    def verify(
        self, corruption: str = "", entities: Iterable[str] = ENTITIES
    ) -> dict[str, tuple[EntityVerification, tuple[Difference, ...]]]:
        """Corrupt, verify these entities, and take everything back."""
        with self.connection.transaction(force_rollback=True):
            if corruption:
                self.connection.execute("reset role")
                assert self.connection.execute(sql.SQL(corruption)).rowcount != 0, "nothing was corrupted"
                self._act_as_migration()
            self.verification.lay_ground()
            return {entity: self.verification.compare(entity) for entity in entities}

    def _act_as_migration(self) -> None:
        self.connection.execute(sql.SQL("set role {}").format(sql.Identifier(self.role)))
