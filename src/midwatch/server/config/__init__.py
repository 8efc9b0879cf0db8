"""Settings: frozen, typed, from arguments, environment, file and defaults."""

from midwatch.server.config.fields import FIELDS, Field
from midwatch.server.config.load import Loaded, Origin, SettingsError, load
from midwatch.server.config.settings import Settings

__all__ = ["FIELDS", "Field", "Loaded", "Origin", "Settings", "SettingsError", "load"]
