"""Models of the built-in engine: what there is to fetch, verified downloads, and the list the engine serves."""
