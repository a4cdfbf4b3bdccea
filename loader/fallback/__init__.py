"""The fallback: schema `lms_compat` in edu, where the application's SQL finds the same rows and ids when lms is down."""

from __future__ import annotations

from loader.fallback.drill import drill
from loader.fallback.publish import publish, verify
from loader.fallback.report import drill_report, publication_report, verification_report
from loader.fallback.results import FallbackRelation, FallbackResult, FallbackVerification

__all__ = [
    "FallbackRelation",
    "FallbackResult",
    "FallbackVerification",
    "drill",
    "drill_report",
    "publication_report",
    "publish",
    "verification_report",
    "verify",
]
