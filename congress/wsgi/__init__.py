"""Entries for web servers that run WSGI applications."""
