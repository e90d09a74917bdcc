"""Training: the one loop, its optimizers and schedules."""
