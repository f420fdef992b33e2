"""The description that operators write, and what it means."""
