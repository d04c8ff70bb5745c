"""Datasets: arrays in memory, files of NumPy, MNIST."""
