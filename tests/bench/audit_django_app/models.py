"""The tables, as far as the measurement asks them."""

from __future__ import annotations

from django.db import models


class Student(models.Model):
    """Read."""

    id = models.UUIDField(primary_key=True)
    student_number = models.TextField()
    status = models.TextField()

    class Meta:
        """A table that is there."""

        managed = False
        db_table = "students"


class Enrollment(models.Model):
    """Written."""

    id = models.UUIDField(primary_key=True)
    notes = models.TextField(null=True)

    class Meta:
        """A table that is there."""

        managed = False
        db_table = "course_enrollments"
