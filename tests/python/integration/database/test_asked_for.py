"""The application's code as it was asked for, word for word where it touches the manager."""

from __future__ import annotations

import asyncio
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from database_world import World, until

from database import connection_manager
from database.connection_manager import get_db_manager
from database.errors import ReadOnlyFallbackError


@pytest.fixture(autouse=True)
def _default_manager(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(connection_manager, "_default", None)
    yield get_db_manager(world.settings())
    get_db_manager().close_all()


# fmt: off
async def get_students():
    db_manager = get_db_manager()
    with db_manager.get_connection(dict_cursor=True) as conn:
        cur = conn.cursor()
        cur.execute("SELECT * FROM students LIMIT 10")
        return cur.fetchall()


class AuditLoggingMiddleware:
    def process_response(self, request, response):
        if request.user.is_authenticated:
            db_manager = get_db_manager()
            with db_manager.get_connection() as conn:
                cur = conn.cursor()
                cur.execute("""
                    INSERT INTO audit_logs (
                        user_id, action_type, request_path,
                        ip_address, response_status
                    ) VALUES (%s, %s, %s, %s, %s)
                """, (request.user.id, 'page_view', request.path,
                      request.META.get('REMOTE_ADDR'), response.status_code))
                conn.commit()
        return response
# fmt: on


def request_of(user_id: object) -> SimpleNamespace:
    user = SimpleNamespace(is_authenticated=True, id=user_id)
    return SimpleNamespace(user=user, path="/students", META={"REMOTE_ADDR": "192.0.2.1"})


def test_the_fastapi_snippet_gives_the_same_from_both(world: World) -> None:
    from_lms = asyncio.run(get_students())
    world.lms.refuse()
    until(lambda: get_db_manager().get_database_info()["source"] == "edu")
    assert asyncio.run(get_students()) == from_lms
    assert from_lms[0] == {"id": 1, "student_number": "STU1"}


def test_the_django_snippets(world: World) -> None:
    db_manager = get_db_manager()
    with db_manager.get_connection() as conn:
        cur = conn.cursor()
        cur.execute("select 1")
    response = SimpleNamespace(status_code=200)
    middleware = AuditLoggingMiddleware()
    for user_id in (7, uuid.UUID(int=7)):
        assert middleware.process_response(request_of(user_id), response) is response
    assert world.query("lms", "select user_id, host(ip_address) from audit_logs order by id") == [
        ("7", "192.0.2.1"),
        (str(uuid.UUID(int=7)), "192.0.2.1"),
    ]
    world.lms.refuse()
    until(lambda: db_manager.get_database_info()["source"] == "edu")
    with pytest.raises(ReadOnlyFallbackError):
        middleware.process_response(request_of(7), response)
