"""What operators install around the service works with the real tools."""
