from __future__ import annotations

import pytest

from loader.mappings.names import alike, folded, names_of, stands_out, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Məşğələ", "Mesgele"),
        ("MƏŞĞƏLƏ", "məşğələ"),
        ("İqtisadiyyat", "iqtisadiyyat"),
        ("QIŞ", "qis"),
        ("Машиностроение", "Masinostroenie"),
        ("Full-time", "full  time"),
    ],
)
def test_spelling_does_not_matter(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_the_best_pair_of_names_counts_whatever_its_language() -> None:
    courses = {
        "SUBJ00001": ["Ali riyaziyyat", "Higher mathematics", "Высшая математика"],
        "SUBJ00002": ["Fizika", "Physics", "Физика"],
    }
    (first, *_) = alike(["Высшая Математика "], courses)
    assert (first.candidate, first.score, first.name) == ("SUBJ00001", 100.0, "Высшая математика")
    (first, *_) = alike(["Физика"], {"SUBJ00002": ["Fizika"], "SUBJ00001": ["Kimya"]})
    assert first.candidate == "SUBJ00002"
    assert alike([], courses) == []
    assert alike(["???"], courses) == []


@pytest.mark.parametrize(
    ("seed", "name", "value"),
    [
        ("term_mapping", "Payız semestri", "fall"),
        ("term_mapping", "Yaz semestri", "spring"),
        ("term_mapping", "Yay semestri", "summer"),
        ("term_mapping", "Осенний семестр", "fall"),
        ("language_mapping", "Русский язык", "ru"),
        ("language_mapping", "Azerbaycan dili", "az"),
        ("study_mode_mapping", "Qiyabi təhsil", "part_time"),
        ("lesson_type_mapping", "Laboratoriya dərsi", "false"),
        ("employment_type_mapping", "Yarım ştat", "part_time"),
    ],
)
def test_what_values_are_called_is_known(seed: str, name: str, value: str) -> None:
    found = alike([name], words(seed), within=True)
    assert stands_out(found), found
    assert found[0].candidate == value


def test_two_that_are_equally_alike_do_not_stand_out() -> None:
    assert not stands_out(alike(["Tarix"], {"A": ["Tarix"], "B": ["Tarix 1"]}, within=True))
    assert not stands_out([])


def test_names_that_are_missing_do_not_count() -> None:
    assert names_of({"name_az": "Fizika", "name_en": None, "name_ru": ""}) == ("Fizika",)
