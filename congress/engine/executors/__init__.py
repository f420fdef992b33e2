"""Two ways to execute a plan: `naive`, the oracle, and `compiled`, the product. They answer alike (`base.Executor`)."""
