"""What Pacemaker is told."""
