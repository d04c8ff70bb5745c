"""Minimising a function of parameters, whatever it is a function of."""
