"""The application's tables, as far as the screens ask them. The tables are there already: Django makes none."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class User(AbstractBaseUser):
    """Who can sign in. The application's table has its own column for the last login."""

    id = models.UUIDField(primary_key=True)
    username = models.TextField(unique=True)
    password = models.TextField(db_column="password_hash")
    is_active = models.BooleanField()
    last_login = None

    USERNAME_FIELD = "username"

    class Meta:
        """A table that is there."""

        managed = False
        db_table = "users"


class Person(models.Model):
    """Whoever has a name."""

    id = models.UUIDField(primary_key=True)
    user_id = models.UUIDField(unique=True, null=True)
    last_name = models.TextField()
    first_name = models.TextField()
    middle_name = models.TextField(null=True)

    class Meta:
        """A table that is there."""

        managed = False
        db_table = "persons"


class Student(models.Model):
    """Students and persons are one through their user."""

    id = models.UUIDField(primary_key=True)
    person = models.OneToOneField(Person, models.DO_NOTHING, to_field="user_id", db_column="user_id", null=True)
    student_number = models.TextField(unique=True)
    status = models.TextField()
    study_mode = models.TextField(null=True)
    funding_type = models.TextField(null=True)
    enrollment_date = models.DateField()

    class Meta:
        """A table that is there."""

        managed = False
        db_table = "students"


class CourseEnrollment(models.Model):
    """One student in one section."""

    id = models.UUIDField(primary_key=True)
    course_offering_id = models.UUIDField()
    # never NULL in the table; but row-level security may show the enrollment without its student: an outer join
    student = models.ForeignKey(Student, models.DO_NOTHING, null=True)
    enrollment_status = models.TextField()
    enrollment_date = models.DateField(null=True)
    grade = models.TextField(null=True)
    notes = models.TextField(null=True)

    class Meta:
        """A table that is there."""

        managed = False
        db_table = "course_enrollments"
