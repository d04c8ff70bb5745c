"""Energy functions of models that are trained by their energy."""
