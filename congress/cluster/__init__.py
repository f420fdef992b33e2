"""The highly available control plane: one description in, a verified deployment out."""
