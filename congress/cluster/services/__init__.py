"""The services of a control plane, one module each."""
