"""The intake port: HTTP in, the provider's own answer out, and nothing else served."""
