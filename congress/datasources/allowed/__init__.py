"""What each driver may be asked to do: one module of plain data per service, `ACTIONS` in it."""
