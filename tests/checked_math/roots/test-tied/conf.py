extensions = ["myst_parser", "checked_math.sphinx"]
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
