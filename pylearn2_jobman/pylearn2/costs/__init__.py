"""Costs: what training makes smaller."""
