"""Settings of the connection manager: argument, then environment (and `.env`), then Django's settings, then defaults."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from database.errors import ConfigurationError

DJANGO_SETTING = "EDU2LMS_DATABASE"
PREFIX = "EDU2LMS_DB_"
Seconds = Annotated[float, Field(gt=0)]


class DjangoSource(PydanticBaseSettingsSource):
    """A dict of Django's settings, once they are loaded (never while they are being loaded): EDU2LMS_DATABASE."""

    setting = DJANGO_SETTING
    prefix = PREFIX

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Not used: the dict is handed over as a whole."""
        del field
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The dict, its keys in any case: `LMS_HOST` and `lms_host` are the same."""
        conf = sys.modules.get("django.conf")
        if conf is None or not conf.settings.configured:
            return {}
        given: Mapping[str, Any] = getattr(conf.settings, self.setting, None) or {}
        return {key.lower().removeprefix(self.prefix.lower()): value for key, value in given.items()}


class DatabaseConfig(BaseSettings):
    """Frozen; passwords are not shown when printed. A host may be a socket folder; times are in seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

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

    lms_params: dict[str, str] = {}
    """More libpq parameters of lms: `{"sslmode": "verify-full"}`."""
    edu_params: dict[str, str] = {}
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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order in which a setting is looked for."""
        del file_secret_settings
        return init_settings, env_settings, dotenv_settings, DjangoSource(settings_cls)

    @classmethod
    def load(cls, given: Mapping[str, Any] | None = None) -> DatabaseConfig:
        """Read the settings.

        Args:
            given: settings by field name, which win over everything else.

        Raises:
            ConfigurationError: names each setting that is missing, unknown or wrong.
        """
        given = dict(given or {})
        unknown = sorted(set(given) - set(cls.model_fields))
        if unknown:
            raise ConfigurationError(f"unknown settings: {', '.join(unknown)}. Known: {', '.join(cls.model_fields)}")
        try:
            config = cls(**given)
        except ValidationError as error:
            wrong = "; ".join(f"{_variable(problem['loc'])}: {problem['msg']}" for problem in error.errors())
            raise ConfigurationError(f"the database settings are not complete: {wrong}") from None
        if config.pool_min > config.pool_max:
            raise ConfigurationError(f"{PREFIX}POOL_MIN ({config.pool_min}) is greater than {PREFIX}POOL_MAX ({config.pool_max})")
        return config


def _variable(place: tuple[int | str, ...]) -> str:
    """Name of the environment variable of a field."""
    name = str(place[0]) if place else ""
    field = DatabaseConfig.model_fields.get(name)
    if name.isupper() or field is None:
        return name
    return str(field.validation_alias or PREFIX + name.upper())
