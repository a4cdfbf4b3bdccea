"""Both applications say the same, from lms and from the fallback: the same bytes, ids included."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from example_questions import Question, ask_both, every_student, of_each_for_themselves, of_everybody, own_rows, without
from example_sites import Sites

SETS = {"for_registry": of_everybody, "for_students": of_each_for_themselves}


@pytest.mark.parametrize("sites", SETS, indirect=True)
def test_every_screen_is_the_same_from_both_databases(sites: Sites, request: pytest.FixtureRequest) -> None:
    make: Callable[[Sites], list[Question]] = SETS[request.node.callspec.params["sites"]]
    questions, own = make(sites), own_rows(sites)
    from_lms = ask_both(sites, questions, "lms")
    sites.paths["lms"].refuse()
    from_edu = ask_both(sites, questions, "edu")
    answered = 0
    for question, document in from_lms.items():
        assert json.loads(from_edu[question]) == without(document, own), question
        answered += len(json.loads(document).popitem()[1] or [])
        if not any(id_ in document for id_ in own):
            assert from_edu[question] == document
    assert len(from_lms) == len(questions) > 150
    assert answered > 1000 or sites.names["lms"] == "lms_for_students"


@pytest.mark.parametrize("sites", ["for_registry"], indirect=True)
@pytest.mark.parametrize("limit", [7, 200])
def test_the_pages_of_the_list_hold_everybody_once_and_in_order(sites: Sites, limit: int) -> None:
    """Among them a student without a person, and two of the same name."""
    everybody = sites.lms_rows(_BY_NAME)
    assert any(last_name is None for _, last_name in everybody)
    from_lms = [every_student(site, limit) for site in sites.sites.values()]
    assert from_lms[0] == from_lms[1]
    assert [(row["id"], row["last_name"]) for row in from_lms[0]] == everybody
    sites.paths["lms"].refuse()
    sites.wait_for("edu")
    own = own_rows(sites)
    for site in sites.sites.values():
        assert every_student(site, limit) == [row for row in from_lms[0] if row["id"] not in own]


_BY_NAME = """
select students.id::text, persons.last_name
from students
left join persons on students.user_id = persons.user_id
order by persons.last_name, persons.first_name, students.id
"""


@pytest.mark.parametrize("sites", ["for_registry"], indirect=True)
def test_names_of_any_length_do_not_end_the_list(sites: Sites) -> None:
    """Two of 5,000 characters, of which the first 100 are the same: each page goes on after the one before."""
    chosen = "where user_id in (select user_id from students) order by user_id limit 2"
    before = sites.lms_rows(f"select user_id, first_name, last_name from persons {chosen}")
    rename = "update persons set first_name = %s, last_name = %s where user_id = %s"
    try:
        for (user, _, _), end in zip(before, "YX", strict=True):
            sites.lms_rows(rename, "A" * 4999 + end, "A" * 4999 + end, user)
        users = [user for user, _, _ in before]
        wanted = [str(id_) for (id_,) in sites.lms_rows("select id from students where user_id = any(%s) order by id", users)]
        for site in sites.sites.values():
            listed, after = [], ""
            for _ in range(3):
                page = site.rows(f"/api/students?limit=1&after={after}")
                listed.append(page["students"][0]["id"])
                after = quote(page["next"])
                assert site.get(f"/students?limit=1&after={after}").status_code == 200, "as a page, too"
            assert listed[:2] == wanted
            assert listed[2] not in wanted
    finally:
        for user, first_name, last_name in before:
            sites.lms_rows(rename, first_name, last_name, user)


@pytest.mark.parametrize("sites", ["for_students"], indirect=True)
@pytest.mark.parametrize("source", ["lms", "edu"])
def test_nobody_sees_what_is_not_theirs(sites: Sites, source: str) -> None:
    (mine, me), (other, _) = sites.lms_rows("select id, user_id from students where user_id is not null order by id limit 2")
    if source == "edu":
        sites.paths["lms"].refuse()
    sites.wait_for(source)
    for site in sites.sites.values():
        assert [row["id"] for row in site.rows("/api/students", me)["students"]] == [str(mine)]
        assert site.rows(f"/api/students/{mine}/courses", me)["courses"]
        assert site.rows(f"/api/students/{other}/courses", me) == {"courses": []}
        assert site.rows("/api/students") == {"students": [], "next": None}, "nobody is signed in"
        # the next user of the same connection is not the one before
        assert site.rows(f"/api/students/{mine}/courses") == {"courses": []}


@pytest.mark.parametrize("sites", ["for_registry"], indirect=True)
@pytest.mark.parametrize(
    ("path", "user", "status"),
    [
        ("/api/students?limit=0", None, 400),
        ("/api/students?limit=201", None, 400),
        ("/api/students?limit=²", None, 400),
        ("/api/students?after=x", None, 400),
        ("/api/students?after=WyJhIiwgMSwgMl0=", None, 400),
        ("/api/students?after=WzEsMl0=", None, 400),
        ("/api/students", "me", 400),
        ("/api/students/1/courses", None, 404),
        ("/api/nothing", None, 404),
    ],
)
def test_what_makes_no_sense_is_refused_alike(sites: Sites, path: str, user: str | None, status: int) -> None:
    answers = {site.get(path, user).text for site in sites.sites.values()}
    assert {site.get(path, user).status_code for site in sites.sites.values()} == {status}
    assert len(answers) == 1
    assert json.loads(answers.pop())["detail"]
