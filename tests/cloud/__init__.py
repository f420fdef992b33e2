"""A real cloud on loopback: the drivers' tables beside what the services themselves answer."""
