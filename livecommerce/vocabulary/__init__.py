"""What the examples of the API description say: one evening's sale, the same everywhere."""
