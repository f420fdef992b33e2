"""What services put their declarations together from."""
