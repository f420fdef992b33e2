"""The files of a deployment, as the programs on the nodes read them."""
