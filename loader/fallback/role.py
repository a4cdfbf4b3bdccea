"""The role that the application falls back on: it reads the schema, and nothing else."""

from __future__ import annotations

from contextlib import suppress

import psycopg
from psycopg import sql

from loader import queries
from loader.config import Settings
from loader.connection import Connection, connect, one_line
from loader.errors import (
    ConnectError,
    FallbackFailedError,
    FallbackLoginError,
    FallbackRightsError,
    SuperuserNeededError,
    UnsafeRoleError,
)
from loader.fallback.build import ABOUT, NEW, OLD, SCHEMA
from loader.plan import row, rows, scram


def ensure_role(settings: Settings, edu: Connection) -> None:
    """Make the role if it is missing, with its password, and set how its sessions start. Part of the caller's transaction.

    Raises:
        UnsafeRoleError: it is somebody else's role, or can do more than a role of its own could.
        SuperuserNeededError: the admin of edu may not make roles.
    """
    user = settings.fallback_user
    role = row(edu, "fallback/role", role=user)
    _refuse_other_role(settings, role)
    identifier, secret = sql.Identifier(user), settings.fallback_password
    if role is None or not role["rolcanlogin"]:
        verb = "create role" if role is None else "alter role"
        me = row(edu, "role", role=edu.info.user) or {}
        if not me.get("rolsuper") and not me.get("rolcreaterole"):
            raise SuperuserNeededError(
                user=edu.info.user,
                where=f"edu ({settings.where('edu')})",
                statements=f"{verb} {identifier.as_string(edu)} login;\n"
                f"\\password {user}  -- in psql: the value of FALLBACK_PASSWORD",
            )
        edu.execute(sql.SQL("create role {} login" if role is None else "alter role {} login").format(identifier))
    if secret is not None and (role is None or not _can_log_in(settings)):
        edu.execute(queries.read("fallback/quiet"))
        verifier = scram(edu, user, secret.get_secret_value())
        edu.execute(sql.SQL("alter role {} password {}").format(identifier, sql.Literal(verifier)))
    database = sql.Identifier(settings.edu_dbname)
    if not (row(edu, "role_rights", role=user) or {}).get("connects"):
        edu.execute(sql.SQL("grant connect on database {} to {}").format(database, identifier))
    settle = sql.SQL(queries.read("fallback/role_settings"))
    edu.execute(settle.format(role=identifier, database=database, schema=sql.Identifier(SCHEMA)))


def prove_rights(settings: Settings, edu: Connection, offered: tuple[str, ...]) -> tuple[str, ...]:
    """Prove from the catalogs that the role can read what is offered and nothing else.

    Args:
        settings: names.
        edu: inside the transaction that has built the schema under its new name.
        offered: the relations that it should read.

    Returns:
        What every role of this database may do and that cannot be kept from this one alone, in sentences.

    Raises:
        FallbackRightsError: it could read or write something else.
        FallbackFailedError: the schema itself is not as it should be; a defect.
    """
    user = settings.fallback_user
    excess = rows(edu, "fallback/excess", role=user, schemas=[SCHEMA, NEW, OLD])
    if excess:
        raise FallbackRightsError(
            role=user,
            where=settings.where("edu"),
            excess="\n".join(f"it can use {entry['name']}" for entry in excess),
            statements=" ".join(f"{entry['fix']};" for entry in excess),
        )
    wrong = rows(edu, "fallback/own_excess", role=user, schema=NEW, offered=[*offered, *ABOUT])
    if wrong:
        listed = ", ".join(entry["name"] for entry in wrong)
        fix = "look for an event trigger or default privileges in edu that grant or revoke rights on new tables."
        raise FallbackFailedError(where=settings.where("edu"), reason=f"{user} has the wrong rights on {listed}", fix=fix)
    return tuple(
        f"{user}, as every role of edu, {entry['what']}; others may rely on it. To end it for all: {entry['fix']};"
        for entry in rows(edu, "fallback/unwithheld", role=user)
    )


def prove_login(settings: Settings, batch: str) -> None:
    """Prove that the role can log in and finds the publication by the plain name.

    Raises:
        FallbackLoginError: it cannot.
    """
    try:
        connection = connect(settings, "edu", settings.fallback)
    except ConnectError as error:
        fix = "correct FALLBACK_USER and FALLBACK_PASSWORD, or let pg_hba.conf of edu admit the role; then publish again."
        reason = str(error.values["reason"])
        raise FallbackLoginError(where=settings.where("edu"), role=settings.fallback_user, reason=reason, fix=fix) from None
    with connection:
        try:
            found = connection.execute("select batch_id from publication").fetchone()
            reason = "" if found == (batch,) else f"it finds batch {found[0] if found else None} instead of {batch}"
        except psycopg.Error as error:
            reason = one_line(error)
    if reason:
        fix = "look for settings of this role in edu that are in the way (\\drds in psql), then publish again."
        raise FallbackLoginError(where=settings.where("edu"), role=settings.fallback_user, reason=reason, fix=fix)


def _can_log_in(settings: Settings) -> bool:
    with suppress(ConnectError):
        connect(settings, "edu", settings.fallback).close()
        return True
    return False


def _refuse_other_role(settings: Settings, role: dict[str, object] | None) -> None:
    user, reason = settings.fallback_user, None
    for name, other in (("EDU_USER", settings.edu_user), ("EDU_ADMIN_USER", settings.edu_admin_user)):
        if user == other:
            reason = f"FALLBACK_USER and {name} are the same"
    if reason is None and role is not None:
        for what in ("attributes", "memberships", "owned"):
            if found := role[what]:
                said = {"attributes": "is", "memberships": "is a member of", "owned": "owns"}[what]
                reason = f"it {said} {', '.join(map(str, found))}"  # type: ignore[call-overload]
                break
    if reason is not None:
        raise UnsafeRoleError(
            role=user,
            where=settings.where("edu"),
            reason=reason,
            fix="name a role of its own in FALLBACK_USER; `edu2lms fallback publish` makes it.",
        )
