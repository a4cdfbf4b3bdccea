"""What the text of a statement tells: may it commit, does it plainly read, does it leave something in the session.

Where the text does not decide, the answer is the careful one.
"""

from __future__ import annotations

import re
from functools import lru_cache

_START = r"(?:^|;|\*/|--[^\n]*\n)\s*"
_COMMITS = re.compile(_START + r"(?:commit|end|prepare\s+transaction|call|do)\b", re.IGNORECASE)
_READS = re.compile(
    r"\A(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:select|table|values|show|explain|fetch|declare|with)\b", re.IGNORECASE | re.DOTALL
)
_WRITES = re.compile(r"\b(?:insert\s+into|update|delete\s+from|merge\s+into|truncate|into)\b", re.IGNORECASE)
# set_config(name, value, true) ends with its transaction; it says whose rows row-level security shows, with each request
_FOR_THE_TRANSACTION = r"\s*'[\w.]+'\s*,\s*(?:%s|%\(\w+\)s|\$\d+|'[^'\\]*')\s*,\s*true\s*\)"
# a cursor ends with its transaction, unless it is declared WITH HOLD
_ENDS_WITH_IT = r"\s+(?:\w+|\"[^\"]*\")\s+(?:(?:binary|asensitive|insensitive|no|scroll)\s+)*cursor\s+(?:without\s+hold\s+)?for\b"
# what DO, CALL and EXECUTE run is not in the text
_LEAVES = re.compile(
    _START + r"(?:set\s+(?!local\b|transaction\b|constraints\b)|listen\b|load\b|do\b|call\b|execute\b|prepare\s+(?!transaction\b)"
    r"|create\s+(?:or\s+replace\s+)?(?:local\s+|global\s+)?temp|declare\b(?!" + _ENDS_WITH_IT + r"))"
    r"|\binto\s+(?:local\s+|global\s+)?temp(?:orary)?\b|\bpg_temp\b"
    r"|\bset_config\s*\((?!" + _FOR_THE_TRANSACTION + r")|\bpg_(?:try_)?advisory_lock",
    re.IGNORECASE,
)

_READ_ONLY = re.compile(r"\bread\s+only\b|read_only", re.IGNORECASE)


@lru_cache(maxsize=1024)
def may_commit(text: str) -> bool:
    """Whether the statement can end a transaction by itself."""
    return _COMMITS.search(text) is not None


@lru_cache(maxsize=1024)
def only_reads(text: str) -> bool:
    """Whether the statement plainly reads; a function that it calls may write nevertheless."""
    return _READS.search(text) is not None and _WRITES.search(text) is None


@lru_cache(maxsize=1024)
def leaves_traces(text: str) -> bool:
    """Whether the session may be different afterwards: settings, temporary tables, locks that outlive the transaction."""
    return _LEAVES.search(text) is not None


@lru_cache(maxsize=1024)
def speaks_of_read_only(text: str) -> bool:
    """Whether the statement may make transactions read-only, or says that they are."""
    return _READ_ONLY.search(text) is not None
