"""What the corpus' formulas are tied to: small functions in pure NumPy.

Costs take the prediction first and the target second. The functions whose name starts with `wrong_` are wrong on
purpose: witness.toml pairs each with a formula that is wrong in the same way.
"""

import numpy as np

# Forward


def affine(X, W, b):
    return X @ W + b


def matmul(A, B):
    return A @ B


def layer(W, a, b):
    return W @ a + b


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def tanh(z):
    return np.tanh(z)


def relu(z):
    return np.maximum(z, 0)


def leaky_relu(z, alpha):
    return np.where(z > 0, z, alpha * z)


def elu(z, alpha):
    return np.where(z > 0, z, alpha * (np.exp(z) - 1))


def softplus(z):
    return np.log1p(np.exp(z))


def gelu_tanh(z):
    return z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def swish(z, beta):
    return z * sigmoid(beta * z)


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def log_sum_exp(z):
    c = np.max(z)
    return c + np.log(np.sum(np.exp(z - c)))


def standardise(x):
    return (x - np.mean(x)) / np.std(x)


def min_max(x):
    return (x - np.min(x)) / (np.max(x) - np.min(x))


# Costs


def mse(p, y):
    return np.mean((p - y) ** 2)


def rmse(p, y):
    return np.sqrt(mse(p, y))


def half_squared_error(p, y):
    return np.sum((p - y) ** 2) / 2


def half_mse(p, y):
    return mse(p, y) / 2


def mae(p, y):
    return np.mean(np.abs(p - y))


def cross_entropy(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def categorical_cross_entropy(p, y):
    return -np.mean(np.sum(y * np.log(p), axis=-1))


def cross_entropy_with_logits(z, y):
    return np.mean(np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0) - y * z)


def logistic_loss(z, y):
    """Labels are -1 and 1."""
    return np.mean(np.log1p(np.exp(-y * z)))


def kl(q, p):
    return np.sum(q * np.log(q / p))


def ridge(X, y, w, alpha):
    return np.mean((X @ w - y) ** 2) / 2 + alpha / 2 * np.sum(w**2)


# Gradients


def mse_gradient(X, w, y):
    return 2 / len(y) * X.T @ (X @ w - y)


# Steps


def descent_step(w, g, eta):
    return w - eta * g


def momentum_step(v, g, beta):
    return beta * v + g


def moving_average(v, g, beta):
    return beta * v + (1 - beta) * g


def decay_step(w, g, eta, alpha):
    return (1 - eta * alpha) * w - eta * g


def rmsprop_step(w, g, s, eta, epsilon):
    return w - eta * g / np.sqrt(s + epsilon)


def adam_step(w, v, s, eta, epsilon):
    return w - eta * v / (np.sqrt(s) + epsilon)


# Wrong on purpose


def wrong_mse_sign(p, y):
    return -mse(p, y)


def wrong_mse_power(p, y):
    return np.mean(p - y)


def wrong_mse_sum(p, y):
    return np.mean((p + y) ** 2)


def wrong_cross_entropy_sign(p, y):
    return -cross_entropy(p, y)


def wrong_categorical_sign(p, y):
    return -categorical_cross_entropy(p, y)


def wrong_kl_log(q, p):
    return np.sum(q * np.log(p))


def wrong_mae_abs(p, y):
    return np.mean(p - y)
