"""What helps to try things out."""
