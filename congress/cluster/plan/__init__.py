"""From what is to what is wanted, step by step, with a reason for each."""
