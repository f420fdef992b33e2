"""How the steps of a plan are done on machines."""
