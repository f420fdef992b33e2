"""A playbook that does over SSH what `apply` does, for those whose machines are Ansible's.

It comes from the same planner: first steps, their order and their tests are those of a plan from nothing.
"""
