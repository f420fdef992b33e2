"""Looks at an installation from outside its processes, and says what is wrong and what to do."""
