"""Where the original Congress left its databases; on an empty database there is nothing to do."""

revision = "c0125080d572"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing: the step exists so that a database of the original is at a revision that we know."""
