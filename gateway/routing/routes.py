"""The route that follows from the carrier: whose profile takes messages for its numbers."""

from collections.abc import Mapping


class Routes:
    """Serving carrier -> key of the profile that its messages go through."""

    __slots__ = ("_profiles",)

    def __init__(self, profiles: Mapping[str, str]) -> None:
        self._profiles = dict(profiles)

    def carrier(self, serving: str) -> str | None:
        """The profile's key; None when no route leads to the carrier."""
        return self._profiles.get(serving)
