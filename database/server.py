"""One of the two databases: where it is, how to get in, how to look at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from database.config import DatabaseConfig
from database.knock import knock
from database.outage import Verdict


class Source(StrEnum):
    """Where an answer comes from."""

    LMS = "lms"
    EDU = "edu"


@dataclass(frozen=True)
class Server:
    """Parameters of one database; the password is not shown when printed."""

    source: Source
    host: str
    port: int
    dbname: str
    user: str
    connect_timeout: int
    application_name: str
    conninfo: str = field(repr=False)
    """Complete, password included: not for output."""

    def knock(self) -> Verdict:
        """Whether a server answers there at all; where libpq would go, that is at `hostaddr` when the parameters name one."""
        host = str(conninfo_to_dict(self.conninfo).get("hostaddr") or self.host)
        return knock(host, self.port, user=self.user, dbname=self.dbname, timeout=self.connect_timeout)

    def conninfo_of_probe(self, *, target: str | None = None) -> str:
        """The same for a probe, which pg_stat_activity shows under a name of its own.

        Args:
            target: `any` is content with a server that takes no writes.
        """
        changes = {"target_session_attrs": target} if target else {}
        return make_conninfo(self.conninfo, application_name=f"{self.application_name} probe", **changes)


def primary(config: DatabaseConfig) -> Server:
    """The lms: only a server that takes writes counts."""
    password = config.lms_app_password.get_secret_value() if config.lms_app_password else None
    conninfo = make_conninfo(
        "",
        **_network(config),
        host=config.lms_host,
        port=config.lms_port,
        dbname=config.lms_dbname,
        user=config.lms_app_user,
        password=password,
        target_session_attrs="read-write",
        **config.lms_params,
    )
    return Server(
        Source.LMS,
        config.lms_host,
        config.lms_port,
        config.lms_dbname,
        config.lms_app_user,
        config.connect_timeout,
        config.application_name,
        conninfo,
    )


def fallback(config: DatabaseConfig) -> Server:
    """The edu as its fallback role sees it: the compatible schema and nothing else.

    The session is read-only as well, but that is a courtesy which a client can switch off: what guards edu is the role.
    """
    password = config.fallback_password.get_secret_value() if config.fallback_password else None
    conninfo = make_conninfo(
        "",
        **_network(config),
        host=config.edu_host,
        port=config.edu_port,
        dbname=config.edu_dbname,
        user=config.fallback_user,
        password=password,
        options=f"-c search_path={config.fallback_schema} -c default_transaction_read_only=on",
        **config.edu_params,
    )
    return Server(
        Source.EDU,
        config.edu_host,
        config.edu_port,
        config.edu_dbname,
        config.fallback_user,
        config.connect_timeout,
        config.application_name,
        conninfo,
    )


def _network(config: DatabaseConfig) -> dict[str, str | int]:
    """A path that has gone silent is noticed after seconds and not after two hours."""
    idle = max(1, int(config.tcp_user_timeout / 2))
    return {
        "connect_timeout": config.connect_timeout,
        "application_name": config.application_name,
        "keepalives_idle": idle,
        "keepalives_interval": max(1, idle // 3),
        "keepalives_count": 3,
        "tcp_user_timeout": int(config.tcp_user_timeout * 1000),
    }
