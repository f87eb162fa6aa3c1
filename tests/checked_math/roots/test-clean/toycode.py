"""Code of the tiny books."""


def mse(p, y):
    """Mean squared error."""
    return ((p - y) ** 2).mean()
