"""What goes on around ``main_loop()``: checkpoints, preemption, progress."""
