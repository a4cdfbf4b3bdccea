"""First contact: the interface, and what a connection tells about itself."""

from __future__ import annotations

from database_world import World


def test_it_answers_from_lms(world: World) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        cur = conn.cursor()
        cur.execute("select count(*) from students")
        assert cur.fetchone() == (100,)
        assert conn.source == "lms"
