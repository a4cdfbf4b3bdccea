"""Where settings come from: argument, then environment (and `.env`), then a dict of Django's settings, then defaults."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from database.errors import ConfigurationError

Seconds = Annotated[float, Field(gt=0)]


class LayeredSettings(BaseSettings):
    """Base of all settings of the application's side; `env_prefix` of its configuration is the prefix of the variables."""

    django_setting: ClassVar[str]
    """Name of the dict in Django's settings."""
    subject: ClassVar[str]
    """What is set, for messages: `the database settings`."""

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
        django = _DjangoSource(settings_cls, cls.django_setting, cls.prefix())
        return init_settings, env_settings, dotenv_settings, django

    @classmethod
    def prefix(cls) -> str:
        """Prefix of the environment variables."""
        return cls.model_config["env_prefix"]

    @classmethod
    def load(cls, given: Mapping[str, Any] | None = None) -> Self:
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
            return cls(**given)
        except ValidationError as error:
            wrong = "; ".join(": ".join((*cls._variable(each["loc"]), each["msg"])) for each in error.errors())
            raise ConfigurationError(f"the {cls.subject} settings are not right: {wrong}") from None

    @classmethod
    def _variable(cls, place: tuple[int | str, ...]) -> tuple[str, ...]:
        """Name of the environment variable of a field; nothing where it is about several."""
        if not place:
            return ()
        name = str(place[0])
        field = cls.model_fields.get(name)
        if name.isupper() or field is None:
            return (name,)
        return (str(field.validation_alias or cls.prefix() + name.upper()),)


class _DjangoSource(PydanticBaseSettingsSource):
    """A dict of Django's settings, once they are loaded (never while they are being loaded)."""

    def __init__(self, settings_cls: type[BaseSettings], setting: str, prefix: str) -> None:
        super().__init__(settings_cls)
        self._setting, self._prefix = setting, prefix.lower()

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Not used: the dict is handed over as a whole."""
        del field
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The dict, its keys in any case: `LMS_HOST` and `lms_host` are the same."""
        conf = sys.modules.get("django.conf")
        if conf is None or not conf.settings.configured:
            return {}
        given: Mapping[str, Any] = getattr(conf.settings, self._setting, None) or {}
        return {key.lower().removeprefix(self._prefix): value for key, value in given.items()}
