"""Programs of the learning half."""
