"""Implementations of the worker pool: the only code that starts workers."""
