"""Names of the audit schema, for those who make it and for those who watch it."""

from __future__ import annotations

from loader.plan import READ_TABLES

EVENT_TABLES = {"audit_logs": "action_timestamp", "page_views": "view_timestamp"}
"""The partitioned tables and their partition keys."""

TABLES = ("audit_logs", "page_views", "user_sessions")

FUNCTIONS = (
    "audit_inet",
    "audit_mask",
    "log_user_action",
    "update_session_activity",
    "close_user_session",
    "close_idle_sessions",
    "maintain_audit_partitions",
    "audit_capture",
)
"""`loader/sql/audit/<name>.sql` makes each; the comment at its head becomes the function's comment."""

BRIDGE = "audit_logs_bridge"
"""Only where audit_logs has the columns of the older form as well."""

OLDER_BRIDGE = "audit_logs_older_bridge"
"""Only until the older audit_logs has become a partition."""

FOR_THE_OWNER = ("maintain_audit_partitions", "audit_capture")
"""Nobody else may call these, or make a trigger of them; triggers that are there go on."""

CAPTURED = (*READ_TABLES, "grades")
"""The application's tables whose changes are logged; one that lms has not got is left out with a note."""

TRIGGERS = {"insert": "new", "update": "old new", "delete": "old", "truncate": ""}
"""The events that are captured, and the rows that each has."""

# What the pages of analytics are made of: no values of the application's rows, no addresses, no browser strings.
READ_COLUMNS: dict[str, tuple[str, ...]] = {
    "audit_logs": (
        *("event_id", "action_timestamp", "user_id", "action_type", "entity_type", "entity_id"),
        *("request_path", "request_method", "route", "response_status", "response_ms"),
        *("session_id", "correlation_id", "error_class", "error_fingerprint"),
    ),
    "page_views": (
        *("view_id", "view_timestamp", "user_id", "session_id", "page_path", "page_title", "route", "referrer"),
        *("time_on_page_seconds", "correlation_id"),
    ),
    "user_sessions": (
        *("session_id", "user_id", "login_timestamp", "last_activity_timestamp", "logout_timestamp"),
        *("device_type", "browser", "operating_system", "session_duration_seconds", "end_reason"),
    ),
}

APPLICATION_RIGHTS: dict[str, tuple[str, ...]] = {
    "audit_logs": ("SELECT", "INSERT"),
    "page_views": ("SELECT", "INSERT"),
    "user_sessions": ("SELECT", "INSERT", "UPDATE"),
}

# What the browser reports about a page view after the server has written it. When and which view it was stays as it is.
UPDATED_COLUMNS: dict[str, tuple[str, ...]] = {
    "page_views": (
        *("user_id", "session_id", "page_path", "page_title", "route", "referrer", "time_on_page_seconds"),
        *("correlation_id", "metadata"),
    ),
}


def capture_trigger(event: str) -> str:
    """Name of the trigger that captures an event."""
    return f"audit_capture_{event}"
