"""How parameters are changed to make a cost smaller."""
