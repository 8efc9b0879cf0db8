"""Who fits an activity."""

from collections.abc import Sequence

from tables import User


def scored(activity: str, candidates: Sequence[User]) -> list[User]:
    """The best first, by the words that their interests share with the activity."""
    words = set(activity.lower().split())
    return sorted(candidates, key=lambda user: -len(words & set(user.interests.lower().split())) / len(words))
