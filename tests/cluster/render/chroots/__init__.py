"""Nodes for a playbook: directories with this machine's files below, and programs that stand for services on top."""
