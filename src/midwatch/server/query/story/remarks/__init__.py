"""What a story's lines say together, and no line alone. Pure functions, one file a question."""

from midwatch.server.query.story.remarks.judge import REMARKS_MAX, remarks
from midwatch.server.query.story.remarks.remark import Remark, Weight

__all__ = ["REMARKS_MAX", "Remark", "Weight", "remarks"]
