"""The agent that reads a host's configuration files and sends what they say to Congress.

Stands alone: of the service it imports nothing but the root of its errors.
"""
