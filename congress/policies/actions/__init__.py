"""What rules ask to be done, from the row that enters `execute[...]` to the answer of the cloud."""
