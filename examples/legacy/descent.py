"""The experiment: gradient descent on f(x, y) = x**2 + 10 y**2."""


def descend(state, channel):
    x, y = state.start.x, state.start.y
    for _ in range(state.steps):
        x -= state.learning_rate * 2 * x
        y -= state.learning_rate * 20 * y
        if channel.switch() in ("stop", "finish-up"):
            return channel.INCOMPLETE
    if x * x + y * y > 100:
        raise ValueError(f"it diverged: x = {x:g}, y = {y:g}")
    state.results = {"f": x * x + 10 * y * y, "x": x, "y": y}
    return channel.COMPLETE
