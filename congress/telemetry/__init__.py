"""What a process tells of itself: whether it is ready, its status, its metrics. Other parts add their own."""
