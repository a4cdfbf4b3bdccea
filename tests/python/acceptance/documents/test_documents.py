"""The commands of README and PLAYBOOK, as they stand, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from bad_network import BadNetwork
from databases import ROOT, Databases, value
from pages import commands
from psycopg.conninfo import conninfo_to_dict

LAST_BATCH = "select batch_id from ledger.batches order by published_at desc limit 1"
# At a hundredth of the real size a hundred sections are everything, and a drill of seconds is enough.
SMALLER = {"100": "20", "20": "5"}
OTHER_SETTINGS = {
    "EDU2LMS_DB_RETRY_SECONDS": "0.5",
    "EDU2LMS_DB_GOOD_PROBES": "2",
    "EDU2LMS_DB_GOOD_PROBE_SECONDS": "0.1",
}


@pytest.fixture
def databases(make_databases: Callable[..., Databases], request: pytest.FixtureRequest) -> Iterator[Databases]:
    made = make_databases(request.node.name.rpartition("_")[2])
    lms = conninfo_to_dict(made.lms)
    with BadNetwork(lambda: f"{lms['host']}/.s.PGSQL.{lms['port']}") as way:  # the drill needs a port, as everybody has
        yield replace(made, settings={**made.settings, **OTHER_SETTINGS, "LMS_HOST": "localhost", "LMS_PORT": str(way.port)})


def tried(databases: Databases, page: str) -> list[str]:
    """Run the commands of a page, one after the other, like a reader; `>` writes a file, `ID` is the last batch."""
    done = []
    for words in commands((ROOT / page).read_text(encoding="utf-8")):
        words, into = (words[: words.index(">")], words[words.index(">") + 1]) if ">" in words else (words, "")
        last = str(value(databases.lms, LAST_BATCH)) if "ID" in words else ""
        said = databases.edu2lms(*(last if word == "ID" else SMALLER.get(word, word) for word in words)).stdout
        if into:
            assert said.strip()
            (databases.folder / into).write_text(said, encoding="utf-8")
        done.append(" ".join(words))
    return done


def test_readme(databases: Databases) -> None:
    done = tried(databases, "README.md")
    assert {"check", "prepare", "run --publish", "verify", "undo --batch ID --dry-run", "fallback publish"} <= set(done)
    assert {entity["coverage"] for entity in databases.document("status")["entities"]} == {1.0}


def test_playbook(databases: Databases) -> None:
    done = tried(databases, "PLAYBOOK.md")
    assert done.index("run") < done.index("run --courses 100 --publish") < done.index("run --publish") < done.index("verify")
