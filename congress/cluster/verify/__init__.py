"""The proof that a control plane answers each failure as it must, before a machine is touched."""
