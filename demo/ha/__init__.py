"""The whole diagram of docs/high-availability.md on one machine."""
