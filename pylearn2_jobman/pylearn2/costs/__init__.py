"""Costs: the numbers that training makes smaller."""
