"""What is compared: the entities in the order of their dependence, what is read from edu, and the checks of each entity."""

from __future__ import annotations

ENTITIES = (
    "academic_terms",
    "courses",
    "users",
    "persons",
    "students",
    "staff_members",
    "course_offerings",
    "course_instructors",
    "course_enrollments",
    "assessments",
    "assessment_submissions",
)

# The columns of edu that the rules read.
SOURCES: dict[str, tuple[str, ...]] = {
    "accounts": ("id", "person_id", "username", "email", "active", "update_date"),
    "users": ("id", "account_id", "is_blocked", "active", "update_date"),
    "persons": ("id", "firstname", "lastname", "patronymic", "gender_id", "pincode", "birthdate", "active", "update_date"),
    "students": (
        "id",
        "person_id",
        "user_id",
        "education_type_id",
        "education_payment_type_id",
        "card_number",
        "active",
        "create_date",
        "update_date",
    ),
    "teachers": (
        "id",
        "person_id",
        "user_id",
        "in_action_date",
        "out_action_date",
        "position_id",
        "contract_type_id",
        "active",
        "create_date",
        "update_date",
    ),
    "dictionaries": ("id", "name_az", "name_en", "name_ru", "update_date"),
    "edu_years": ("id", "name", "update_date"),
    "education_plan_subject": ("id", "subject_id", "update_date"),
    "subject_catalog": ("id", "subject_name_id", "active", "update_date"),
    "course": (
        "id",
        "code",
        "education_plan_subject_id",
        "semester_id",
        "education_year_id",
        "education_lang_id",
        "student_count",
        "active",
        "create_date",
        "update_date",
    ),
    "course_teacher": ("id", "course_id", "teacher_id", "lesson_type_id", "active", "create_date", "update_date"),
    "journal": ("id", "course_id", "student_id", "point", "active", "create_date", "update_date"),
    "exam": ("id", "course_id", "start_date", "start_time", "duration", "passing_grade", "active", "update_date"),
    "exam_student": ("id", "exam_id", "student_id", "finish_status", "active", "create_date", "update_date"),
}

SEEDS = (
    "academic_terms",
    "course_mapping",
    "defaults",
    "employment_type_mapping",
    "funding_type_mapping",
    "gender_mapping",
    "language_mapping",
    "lesson_type_mapping",
    "offering_overrides",
    "semester_codes",
    "study_mode_mapping",
    "submission_status_mapping",
    "term_mapping",
)

# Work tables that several entities stand on, in the order in which they are filled.
GROUND = (
    "batches",
    "settings",
    "defaults",
    "walk",
    "strangers",
    "rejected",
    "calendar",
    "sections",
    "student_scope",
    "teacher_scope",
    "login_bearers",
    "account_logins",
    "person_logins",
    "student_logins",
    "teacher_logins",
)

# Entries of the crosswalk that lead to rows of one live table: logins have kinds of their own.
KINDS = {entity: (entity,) for entity in ENTITIES} | {"users": ("users", "accounts", "student_logins", "staff_logins")}

# Work tables of one entity, filled when its turn comes; the last two are what is compared.
OWN: dict[str, tuple[str, ...]] = {entity: (f"have_{entity}", f"want_{entity}") for entity in ENTITIES}
OWN["course_offerings"] = ("seats", *OWN["course_offerings"])
OWN["course_enrollments"] = ("journal_scope", *OWN["course_enrollments"])

# In `want_` and `have_` of an entity, but not compared.
NOT_COMPARED = frozenset(
    {
        "legacy_id",
        "live_id",
        "is_made",
        "is_withdrawn",
        "is_folded",
        "batch_place",
        "published_at",
        "own_date",
        "any_attempt_number",
    }
)

# Checks of properties that no single row shows. The first ones hold for each entity.
CHECKS = ("identifiers", "claims", "folds", "methods", "strays", "gone", "counts", "rejects")
OWN_CHECKS: dict[str, tuple[str, ...]] = {
    "academic_terms": ("academic_terms_dates",),
    "users": ("users_logins",),
    "course_offerings": ("course_offerings_tracking",),
    "course_instructors": ("course_instructors_primary",),
    "course_enrollments": ("course_enrollments_tracking", "course_enrollments_once", "course_enrollments_warnings"),
}

# (column, table that it refers to): the foreign keys of the live tables as they should be.
REFERENCES: dict[str, tuple[tuple[str, str], ...]] = {
    "persons": (("user_id", "users"),),
    "students": (("user_id", "users"),),
    "staff_members": (("user_id", "users"), ("organization_unit_id", "organization_units")),
    "course_offerings": (("course_id", "courses"), ("academic_term_id", "academic_terms")),
    "course_instructors": (("course_offering_id", "course_offerings"), ("instructor_id", "users")),
    "course_enrollments": (("course_offering_id", "course_offerings"), ("student_id", "students")),
    "assessments": (("course_offering_id", "course_offerings"),),
    "assessment_submissions": (("assessment_id", "assessments"), ("student_id", "students")),
}

# (column, its text) of a live row whose legacy row has gone.
WITHDRAWAL: dict[str, tuple[str, str]] = {
    "users": ("is_active", "false"),
    "students": ("status", "withdrawn"),
    "staff_members": ("is_active", "false"),
    "course_offerings": ("enrollment_status", "cancelled"),
    "course_enrollments": ("enrollment_status", "withdrawn"),
}
