"""Templates as Go's `text/template` has them (Go 1.24): pure, bounded, and blind to anything it was not given."""

from midwatch.server.gotemplate.errors import TemplateError
from midwatch.server.gotemplate.templates import SafeText, Templates
from midwatch.server.gotemplate.times import Duration, Time
from midwatch.server.gotemplate.values import NO_VALUE, Fielded, with_templates

__all__ = ["NO_VALUE", "Duration", "Fielded", "SafeText", "TemplateError", "Templates", "Time", "with_templates"]
