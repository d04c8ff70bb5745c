"""Formulas that several modules share."""
