"""Settings of the connection manager: argument, then environment (and `.env`), then Django's settings, then defaults."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from database.settings import LayeredSettings, Seconds


class DatabaseConfig(LayeredSettings):
    """Frozen; passwords are not shown when printed. A host may be a socket folder; times are in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="EDU2LMS_DB_",
        env_file=".env",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    django_setting: ClassVar[str] = "EDU2LMS_DATABASE"
    subject: ClassVar[str] = "database"

    lms_host: str = Field(validation_alias="LMS_HOST")
    lms_port: int = Field(default=5432, validation_alias="LMS_PORT")
    lms_dbname: str = Field(default="lms", validation_alias="LMS_DBNAME")
    lms_app_user: str = Field(validation_alias="LMS_APP_USER")
    lms_app_password: SecretStr | None = Field(default=None, validation_alias="LMS_APP_PASSWORD")
    edu_host: str = Field(validation_alias="EDU_HOST")
    edu_port: int = Field(default=5432, validation_alias="EDU_PORT")
    edu_dbname: str = Field(default="edu", validation_alias="EDU_DBNAME")
    fallback_user: str = Field(default="lms_fallback", validation_alias="FALLBACK_USER")
    fallback_password: SecretStr | None = Field(default=None, validation_alias="FALLBACK_PASSWORD")
    fallback_schema: str = Field(default="lms_compat", pattern=r"^[a-z_][a-z0-9_]*$")

    lms_params: dict[str, str] = Field(default_factory=dict)
    """More libpq parameters of lms: `{"sslmode": "verify-full"}`."""
    edu_params: dict[str, str] = Field(default_factory=dict)
    application_name: str = "edu2lms application"

    pool_min: int = Field(default=1, ge=0)
    pool_max: int = Field(default=20, ge=1)
    checkout_timeout: Seconds = 5.0
    """How long a caller waits for a connection, whatever the cause."""
    connect_timeout: int = Field(default=2, ge=2)
    """Whole seconds until a server that does not answer counts as out; libpq knows no shorter time than 2."""
    check_idle: float = Field(default=0.5, ge=0)
    """A pooled connection that rested longer is asked (one round trip) before it is handed out; all others are looked at."""
    check_timeout: Seconds = 1.0
    silence: Seconds = 5.0
    """A statement without an answer for so long makes the manager probe the server; a slow statement goes on when it is well."""
    tcp_user_timeout: Seconds = 10.0
    """Until the kernel gives up a path that acknowledges nothing."""

    retry_seconds: Seconds = 60.0
    retry_jitter: float = Field(default=0.1, ge=0, lt=1)
    """Share by which retry_seconds varies, so that many processes do not come back at the same moment."""
    good_probes: int = Field(default=3, ge=1)
    """How many probes in a row must be good before the application goes back to lms."""
    good_probe_seconds: Seconds = 1.0
    both_out_seconds: Seconds = 1.0
    """How often both are probed when neither answers."""

    @model_validator(mode="after")
    def _pool_is_possible(self) -> Self:
        if self.pool_min > self.pool_max:
            prefix = self.prefix()
            raise ValueError(f"{prefix}POOL_MIN ({self.pool_min}) is greater than {prefix}POOL_MAX ({self.pool_max})")
        return self
