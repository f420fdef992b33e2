"""The documentation: its site, and every block of code on its pages."""
