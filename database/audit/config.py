"""Settings of the audit: argument, then environment (`AUDIT_…`, and `.env`), then Django's settings, then defaults."""

from __future__ import annotations

import os
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from database.settings import LayeredSettings, Seconds

UNIX = "unix"
"""In `trusted_proxies`: whoever reaches the application through a Unix socket."""


def _split(given: Any) -> Any:
    """`a, b` from the environment; a list stays a list."""
    return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


def _networks(names: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(name, strict=False) for name in names if name != UNIX)


class AuditConfig(LayeredSettings):
    """Frozen. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="AUDIT_", env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True)

    django_setting: ClassVar[str] = "EDU2LMS_AUDIT"
    subject: ClassVar[str] = "audit"

    enabled: bool = True
    """False: nothing is recorded; correlation ids and the context go on working."""

    queue_size: int = Field(default=10_000, ge=1)
    """Requests and other events that wait in memory, a page and its view as one; more are dropped and counted."""
    batch_size: int = Field(default=500, ge=1)
    flush_interval: Seconds = 0.2
    """The longest that an event waits in memory while lms is well."""
    write_patience: Seconds = 1.0
    """A batch that lms has not taken by then is put on disk as well, with everything that comes meanwhile."""
    retry_seconds: Seconds = 1.0
    """Between two attempts while lms is away."""
    close_timeout: Seconds = 3.0
    """How long the end of the process may wait for lms; what is left then stays on disk."""
    spool_dir: Path = Path("/var/tmp") / f"edu2lms-audit-{os.getuid()}"  # noqa: S108 - made with mode 0700, its owner is checked
    spool_megabytes: int = Field(default=512, ge=1)
    """Of one process; what does not fit is dropped and counted."""
    durable: Names = ("login", "logout", "login_failed")
    """Kinds of action that are on disk before the call returns."""

    shorten_ip: bool = False
    """Keep /24 of an IPv4 and /48 of an IPv6 address only."""
    trusted_proxies: Names = ()
    """Addresses and networks (and `unix`) whose X-Forwarded-For is believed."""
    correlation_header: str = "X-Request-ID"
    secret_names: Names = ()
    """More names of parameters and fields whose values are never recorded."""
    record_query: bool = True
    record_body: bool = False
    """JSON and form bodies, masked, in `action_details`."""
    body_bytes: int = Field(default=4096, ge=0, le=65536)
    exclude: Names = ("/static/*", "/health/*", "/metrics", "/favicon.ico")
    """Paths that are not recorded."""

    pages_path: str = Field(default="/audit/", pattern=r"^/([\w.-]+/)+$")
    """Where the script for time on page is, `page.js`, and where it reports, `views`."""
    activity_seconds: Seconds = 60.0
    """A session's last activity is written at most so often by a process."""
    idle_minutes: float = Field(default=30.0, gt=0)
    """A session without activity for so long is closed."""
    idle_check_seconds: Seconds = 60.0

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        _networks(names)
        return names

    @cached_property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The trusted proxies."""
        return _networks(self.trusted_proxies)

    @property
    def trusts_unix(self) -> bool:
        """Whether a Unix socket is a trusted proxy."""
        return UNIX in self.trusted_proxies
