"""The documentation of this very version, as `/docs` shows it."""

from midwatch.server.documentation.library import Library
from midwatch.server.documentation.page import Page, Section

__all__ = ["Library", "Page", "Section"]
