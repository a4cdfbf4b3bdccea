"""Defects that are known and not repaired yet: universities that show one are left out of the random ones.

Each has its own regression test, which is expected to fail and says so as soon as it does not; then its line here goes, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from oracle import Oracle, clean

DEFECTS: dict[str, Callable[[Oracle], bool]] = {}


def defect(check: Callable[[Oracle], bool]) -> Callable[[Oracle], bool]:
    """Registers a defect; the function says whether a university shows it."""
    DEFECTS[check.__name__] = check
    return check


@defect
def matched_student_without_login_beside_another_one(oracle: Oracle) -> bool:
    live = {row["id"]: row for row in oracle.live("students")}
    accounts = [oracle.account_of(row) for row in oracle.rows("students").values()]
    return any(
        live[verdict.live_id].get("user_id") is None
        and (account := oracle.account_of(oracle.rows("students")[identifier])) is not None
        and accounts.count(account) > 1
        for identifier, verdict in oracle.students.items()
        if verdict.outcome == "matched"
    )


@defect
def two_new_holders_on_one_inactive_account(oracle: Oracle) -> bool:
    for table in ("students", "teachers"):
        accounts = Counter(oracle.account_of(row) for row in oracle.rows(table).values())
        if any(
            number > 1 and account is not None and oracle.rows("accounts")[account]["active"] != 1
            for account, number in accounts.items()
        ):
            return True
    return False


@defect
def card_number_that_is_the_substitute_of_another_student(oracle: Oracle) -> bool:
    cards = {clean(row.get("card_number")) for row in oracle.rows("students").values()}
    taken = cards | {row["student_number"] for row in oracle.live("students")}
    return any(f"STU{identifier}" in taken and verdict.outcome == "inserted" for identifier, verdict in oracle.students.items())


def shown(oracle: Oracle) -> list[str]:
    """Names of the known defects that this university shows."""
    return [name for name, check in DEFECTS.items() if check(oracle)]
