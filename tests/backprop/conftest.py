"""Settings of the tests of the taught package."""

from hypothesis import settings

# The same examples at every run, however slow the machine, and nothing kept on disk.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, max_examples=50
)
settings.load_profile("repeatable")
