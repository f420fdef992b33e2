"""The root of the project's exception tree.

Every error that a user can cause derives from `CongressError`; its text says what was wrong, where, and what to do.
"""


class CongressError(Exception):
    """An error that a caller can cause and mend; its text is fit to be shown to that caller."""
