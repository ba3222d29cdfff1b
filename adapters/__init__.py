"""Edges: how each chat platform speaks and listens."""
