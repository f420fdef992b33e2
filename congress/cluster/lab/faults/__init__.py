"""Breaking the control plane on purpose, and saying what clients saw of it beside what was promised and predicted."""
