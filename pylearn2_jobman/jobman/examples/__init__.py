"""Experiments to try the scheduler with; the original's documentation names them."""
