"""The audit schema in lms: audit_logs, page_views, user_sessions, their functions, the capture of changes, and indexes.

Part of `edu2lms prepare`. docs/audit-schema.md tells what an application and its owner have to know.
"""

from loader.audit.facts import planned_audit_facts, without_casts
from loader.audit.steps import AuditPlan, plan_audit

__all__ = ["AuditPlan", "plan_audit", "planned_audit_facts", "without_casts"]
