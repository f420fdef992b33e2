"""What makes a description unwise although it means something: one check a module, each with a code and the reason."""
