"""What is done to a control plane that runs already, as plans: pure, with reasons, and continued when interrupted.

Adding and removing nodes, moving services, new addresses, certificates and passwords are changes of the description or
of a secret: the planner plans them like everything else. Here is what no description says.
"""
