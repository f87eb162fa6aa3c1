"""The code that the book *Understanding backpropagation* teaches.

One module per chapter, in the order of the book:

`forward`
    What a layer computes: weighted sums, as one matrix product.
`activation`
    The curves that keep stacked layers from collapsing into one.
`cost`
    How far predictions are from their targets, as one number.
`chain_rule`
    Derivatives of composed functions, and backpropagation through any stack of layers.
`mse_network`
    A single layer, its mean squared error, its gradient, and how it learns.

Letters are the book's: `X` inputs (one example per row), `W` weights (one column per unit), `b`
biases (one per unit), `z` weighted inputs, `a` activations, `p` predictions, `y` targets, `J` the
cost, `delta` the gradient of the cost with respect to weighted inputs.
A gradient has the shape of the variable that it belongs to.
"""
