"""Errors that a user can act on.

The docstring of a class is the template of its message: what happened and where. `remedy` is the template of the sentence
that says what to do. `exit_code` is what the command line returns.
"""
# ruff: noqa: D415  (a template ends with the values it is filled with)

from __future__ import annotations

import inspect
from typing import ClassVar

EXIT_DONE = 0
EXIT_DIFFERENCE = 1
EXIT_USAGE = 2
EXIT_CONNECTION = 3
EXIT_REFUSED = 4
EXIT_INTERRUPTED = 130


class Edu2lmsError(Exception):
    """{detail}"""

    exit_code: ClassVar[int] = EXIT_DIFFERENCE
    remedy: ClassVar[str] = "{fix}"

    def __init__(self, **values: object) -> None:
        """Fill the templates.

        Args:
            values: what the docstring and `remedy` name in braces.
        """
        self.values = values
        self.message = inspect.cleandoc(type(self).__doc__ or "").format(**values)
        self.fix = self.remedy.format(**values)
        super().__init__(self.message)

    def as_dict(self) -> dict[str, object]:
        """The error as `--json` prints it."""
        return {"error": {"type": type(self).__name__, "message": self.message, "fix": self.fix}}


class UsageError(Edu2lmsError):
    """{detail}"""

    exit_code = EXIT_USAGE


class MissingSettingError(Edu2lmsError):
    """The environment variable {name} is not set: {purpose}."""

    exit_code = EXIT_USAGE
    remedy = "set {name} in the environment or in .env, or try `edu2lms demo`, which needs no settings."


class InvalidSettingError(Edu2lmsError):
    """The environment variable {name} cannot be used: {reason}."""

    exit_code = EXIT_USAGE
    remedy = "correct {name} in the environment or in .env."


class ProjectNotFoundError(Edu2lmsError):
    """No dbt_project.yml was found, neither above {package} nor above {cwd}."""

    exit_code = EXIT_USAGE
    remedy = "run edu2lms inside the project's folder."


class SourcesFileError(Edu2lmsError):
    """The list of source tables {path} cannot be used: {reason}."""

    exit_code = EXIT_USAGE
    remedy = "correct the file; every table of the source `edu` needs columns, each with a name and a data_type."


class UnknownTableError(Edu2lmsError):
    """Unknown source table: {names}."""

    exit_code = EXIT_USAGE
    remedy = "choose from the declared tables: {known}."


class VarsError(Edu2lmsError):
    """--vars cannot be read{position}: {reason}."""

    exit_code = EXIT_USAGE
    remedy = "give one YAML or JSON mapping, for example --vars '{{max_rejected: 5}}'."


class DecisionError(Edu2lmsError):
    """The decision {name} cannot be {value}: it must be {must_be}."""

    exit_code = EXIT_USAGE
    remedy = "correct it in dbt_project.yml or in --vars; docs/decisions.md explains it."


class UnknownVarError(Edu2lmsError):
    """There is no var {name}{nearest}: it would change nothing."""

    exit_code = EXIT_USAGE
    remedy = "choose from the vars of dbt_project.yml: {known}."


class SeedRulesError(Edu2lmsError):
    """The rules of the seed files, {path}, cannot be used: {reason}."""

    exit_code = EXIT_USAGE
    remedy = "correct the file; every seed needs a key, and every column a `type` in its meta."


class SeedsRefusedError(Edu2lmsError):
    """Nothing was loaded or built: the seed files have {count}.

    {findings}
    """

    exit_code = EXIT_REFUSED
    remedy = "correct the lines (`edu2lms mappings check` lists them, warnings included), then run the same command again."


class SeedChangedError(Edu2lmsError):
    """{file} was not written: {reason}."""

    exit_code = EXIT_REFUSED
    remedy = "{fix}"


class ConnectError(Edu2lmsError):
    """Cannot connect to {database} ({where}) as {user}: {reason}"""

    exit_code = EXIT_CONNECTION
    remedy = "{fix}"


class RemoteConnectError(Edu2lmsError):
    """The lms server cannot reach edu through the foreign server "edu" ({where}): {reason}"""

    exit_code = EXIT_CONNECTION
    remedy = (
        "run `edu2lms prepare`, which sets address and password of the foreign server from the environment, then `edu2lms check`."
    )


class NotPreparedError(Edu2lmsError):
    """{what} is missing in {where}."""

    exit_code = EXIT_REFUSED
    remedy = "run `edu2lms prepare`."


class NotRunError(Edu2lmsError):
    """There is no migration.{relation} in {where}: nothing has been run yet."""

    remedy = "run `edu2lms run`."


class SuperuserNeededError(Edu2lmsError):
    """{user} is not a superuser of {where}, and these statements need one:

    {statements}
    """

    exit_code = EXIT_REFUSED
    remedy = "let a superuser run exactly these statements there, then run `edu2lms prepare` again."


class UnsafeRoleError(Edu2lmsError):
    """The role {role} of {where} must not be used: {reason}."""

    exit_code = EXIT_REFUSED
    remedy = "{fix}"


class ConflictingObjectError(Edu2lmsError):
    """{what} in {where} is not what the migration needs: {reason}."""

    exit_code = EXIT_REFUSED
    remedy = "{fix}"


class LockNotAvailableError(Edu2lmsError):
    """No lock on {what} in {where} within {attempts} attempts of {seconds:g} s: an older transaction holds it{holders}."""

    exit_code = EXIT_REFUSED
    remedy = (
        "run `edu2lms prepare` again when that transaction is over (what was done stays done), or raise EDU2LMS_LOCK_ATTEMPTS."
    )


class DuplicateTrackingIdError(Edu2lmsError):
    """The unique index {index} on {table} in {where} cannot be built: {reason}"""

    exit_code = EXIT_REFUSED
    remedy = "find the duplicate values in {table}.{column}, clear the wrong ones, and run `edu2lms prepare` again."


class StatementFailedError(Edu2lmsError):
    """{step}: {where} refused the statement: {reason}"""

    remedy = "{fix}"


class BusyError(Edu2lmsError):
    """Another edu2lms command is at work in {where}{holder}."""

    exit_code = EXIT_REFUSED
    remedy = "wait until it is done; `edu2lms status` shows the last batch."


class SourceChangedError(Edu2lmsError):
    """edu has changed ({where}); nothing was loaded and the previous copy is untouched:

    {changes}
    """

    remedy = (
        "bring models/staging/edu/_edu__sources.yml in line with edu (and the staging models that use the column), "
        "then run `edu2lms prepare` and `edu2lms load`."
    )


class LoadFailedError(Edu2lmsError):
    """Loading {table} from edu into {where} failed: {reason}. Nothing was loaded; the previous copy is untouched."""

    remedy = "run `edu2lms check`; when the cause is gone, run `edu2lms load` again."


class LoadNotProvenError(Edu2lmsError):
    """The copy staging.{table} in lms ({where}) does not become equal to edu: {detail}. Nothing was loaded."""

    remedy = (
        "drop what alters rows of staging.{table} as they are written (a trigger, a rule, row-level security), or the whole "
        "table, and run `edu2lms load` again; the previous copy is untouched."
    )


class DbtFailedError(Edu2lmsError):
    """dbt failed:

    {failures}

    {published} The full log is {log}.
    """

    remedy = "{fix}"


class PublishRefusedError(Edu2lmsError):
    """Nothing was published:

    {reasons}

    The full log is {log}.
    """

    exit_code = EXIT_REFUSED
    remedy = "{fix}"


class LiveTablesChangedError(Edu2lmsError):
    """The definitions of live tables in {where} are not what they were before `edu2lms {command}`:

    {differences}

    {who} {outcome}
    """

    remedy = "{fix}"


class LiveTablesLockedError(Edu2lmsError):
    """The definitions of the live tables in {where} cannot be read {when} `edu2lms {command}`: {reason}."""

    exit_code = EXIT_REFUSED
    remedy = "wait until the transaction that holds the lock is over, then run the command again: it may be repeated at any time."


class HiddenRowsError(Edu2lmsError):
    """Row-level security hides rows of {tables} in {where} from {role}, which has no BYPASSRLS: nothing was done."""

    exit_code = EXIT_REFUSED
    remedy = "let a superuser run: {statement}; then run the command again."


class UnknownBatchError(Edu2lmsError):
    """There is no published batch {batch} in {where}."""

    exit_code = EXIT_USAGE
    remedy = "choose one of the last batches: {known}."


class UndoOrderError(Edu2lmsError):
    """The batch {batch} cannot be taken back: {later} later ones stand on it."""

    exit_code = EXIT_REFUSED
    remedy = "take back the latest one first: `edu2lms undo --batch {latest}`."


class UndoFailedError(Edu2lmsError):
    """The batch {batch} in {where} was not taken back: {reason}. Nothing has changed."""

    remedy = "run `edu2lms undo` again; if it was a lock, when the application's transaction is over."


class UnknownEntityError(Edu2lmsError):
    """Unknown entity: {names}."""

    exit_code = EXIT_USAGE
    remedy = "choose from {known}."


class NothingToResumeError(Edu2lmsError):
    """There is nothing to resume: the last verification was finished, or there was none."""

    exit_code = EXIT_REFUSED
    remedy = "run `edu2lms verify`."


class VerificationOutdatedError(Edu2lmsError):
    """The interrupted verification cannot go on: {what} since, so what it has found no longer holds."""

    exit_code = EXIT_REFUSED
    remedy = "run `edu2lms verify` without --resume."


class VerificationStoppedError(Edu2lmsError):
    """The verification stopped in {place}: {reason}"""

    remedy = "when the cause is gone, `edu2lms verify --resume` goes on there; nothing but the ledger's note of it was written."


class NothingPublishedError(Edu2lmsError):
    """Nothing has been published in lms ({where}) yet: there is nothing to fall back on."""

    exit_code = EXIT_REFUSED
    remedy = "run `edu2lms run --publish`, then `edu2lms fallback publish`."


class NoFallbackError(Edu2lmsError):
    """There is no fallback in edu ({where})."""

    exit_code = EXIT_REFUSED
    remedy = "run `edu2lms fallback publish`."


class ForeignSchemaError(Edu2lmsError):
    """The schema {schema} in edu ({where}) was not made by edu2lms; it was not touched."""

    exit_code = EXIT_REFUSED
    remedy = "drop or rename it there (alter schema {schema} rename to …), then run `edu2lms fallback publish` again."


class FallbackRightsError(Edu2lmsError):
    """The role {role} could do more in edu ({where}) than read the fallback; nothing was published:

    {excess}
    """

    exit_code = EXIT_REFUSED
    remedy = "let the owner of edu run, after asking who relies on it: {statements}"


class FallbackPolicyError(Edu2lmsError):
    """Row-level security of {table} in lms cannot be carried over to edu: {reason}. Nothing was published."""

    exit_code = EXIT_REFUSED
    remedy = (
        "rewrite the policy so that it needs only the tables that are offered (docs/fallback.md), or name in LMS_APP_USER a role "
        "that it does not apply to."
    )


class FallbackFailedError(Edu2lmsError):
    """The fallback in edu ({where}) was not published: {reason}. The previous one, if there is one, is untouched."""

    remedy = "{fix}"


class FallbackDiffersError(Edu2lmsError):
    """The fallback in edu ({where}) does not become equal to lms; nothing was published:

    {differences}
    """

    remedy = (
        "look for what changes rows of schema lms_compat as they are written (a trigger, an event trigger), then run "
        "`edu2lms fallback publish` again; the previous one is untouched."
    )


class FallbackLoginError(Edu2lmsError):
    """The fallback is published in edu ({where}), but {role} cannot use it: {reason}"""

    exit_code = EXIT_CONNECTION
    remedy = "{fix}"


class DrillSettingsError(Edu2lmsError):
    """There was no drill: {detail}"""

    exit_code = EXIT_USAGE
    remedy = "{fix}."


class DrillConnectError(Edu2lmsError):
    """There was no drill: {detail}"""

    exit_code = EXIT_CONNECTION
    remedy = "{fix}."


class DrillRefusedError(Edu2lmsError):
    """There was no drill: {detail}"""

    exit_code = EXIT_REFUSED
    remedy = "{fix}."


class DrillBrokeError(Edu2lmsError):
    """The drill ended in the middle, with exit code {code}: {reason}"""

    remedy = "run it again; nothing was changed in either database. If it ends like this again, it is a fault of edu2lms."


class ReportFolderError(Edu2lmsError):
    """The folder {path} cannot hold the report: {reason}."""

    exit_code = EXIT_REFUSED
    remedy = "{fix}"


class LineageError(Edu2lmsError):
    """dbt could not write its documentation: {reason}"""

    remedy = "run `dbt docs generate` to see more, or make the report without it: `edu2lms report --no-lineage`."


class DemoFolderError(Edu2lmsError):
    """The folder {path} cannot hold the demonstration: {reason}."""

    exit_code = EXIT_REFUSED
    remedy = "{fix}"


class ServerError(Edu2lmsError):
    """The PostgreSQL server in {path} {what}: {reason}"""

    exit_code = EXIT_CONNECTION
    remedy = "{fix}"


class DatabaseError(Edu2lmsError):
    """A database refused a statement: {reason}"""

    remedy = "run `edu2lms check`; if it finds nothing, the message above is a fault of edu2lms."


class InterruptedRunError(KeyboardInterrupt):
    """A signal asked the program to end. Derived from KeyboardInterrupt so that psycopg cancels the running statement."""
