"""What works with the control plane while it is broken, and remembers each answer and each thing that was promised."""
