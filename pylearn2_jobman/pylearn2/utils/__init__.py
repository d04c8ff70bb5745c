"""Shared by the learning half's modules: state, random numbers, batches of indices, pickles."""
