"""What all tests share: Hypothesis without deadlines, since machines differ and a slow moment is no failure."""

import os

from hypothesis import settings

settings.register_profile("push", deadline=None)
settings.register_profile("deep", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "push"))
