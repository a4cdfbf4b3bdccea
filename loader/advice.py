"""What to do when a database refuses: a sentence for each kind of refusal that needs no change of the migration."""

from __future__ import annotations

import re

_AGAIN = "then run the same command again."
_START = f"start the server of lms (its log tells why it ended), {_AGAIN}"

# The first that fits counts. The words are those of PostgreSQL's English messages, of libpq and of our own functions.
_ADVICE = (
    (
        r"could not connect to server \"edu\"|connection to client lost|FATAL.*edu_reader|via the foreign server|"
        r"CONTEXT:\s+remote SQL command",
        f"start edu or repair the way from the server of lms to it (`edu2lms check` tries it), {_AGAIN}",
    ),
    (
        r"duplicate key value violates unique constraint|conflicting key value violates exclusion",
        "somebody has entered the same key in the application since the models were built; run the same command again, "
        "which takes that row into account.",
    ),
    (
        r"no space left on device|could not (extend|write to|write) file|file too large|disk full|disk quota exceeded",
        f"free disk space on the server of lms, {_AGAIN}",
    ),
    (
        r"due to statement timeout",
        "run the same command again when the server has less to do, or with --vars '{statement_timeout: 60min}'.",
    ),
    (
        r"due to lock timeout|could not obtain lock|deadlock detected|the application held rows",
        f"end the transaction that holds the lock (pg_stat_activity tells whose it is) or wait until it is over, {_AGAIN}",
    ),
    (
        r"due to user request",
        "ask who cancelled the statement, and run the same command again.",
    ),
    (
        r"another publication is running",
        f"wait until it is over, {_AGAIN}",
    ),
    (
        r"planned rows are not in the live tables|parents in \S+ are missing for new rows",
        "the application has changed rows that the migration needs; run the same command again, which takes that into account.",
    ),
    (
        r"definition of a live table changed",
        "find out who changed the application's schema, then run the same command again.",
    ),
    (
        r"server closed the connection|terminating connection|connection refused|connection reset|is the server running|"
        r"in recovery mode|not yet accepting connections|starting up|shutting down|the connection is lost|"
        r"connection already closed|could not receive data|ssl connection has been closed|"
        r"connection timeout expired|connection failed",
        _START,
    ),
    (
        r"dbt was ended from outside",
        "find out who or what ended it (the kernel, for want of memory?), and run the same command again.",
    ),
)


def advice(message: str) -> str | None:
    """What to do about a database's message.

    Args:
        message: what PostgreSQL or its client said, in as many lines as it likes.

    Returns:
        A sentence, or None when it is nothing that goes away by itself.
    """
    for pattern, sentence in _ADVICE:
        if re.search(pattern, message, re.IGNORECASE | re.DOTALL):
            return sentence
    return None
