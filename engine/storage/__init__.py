"""Rows and blobs: the database is the one truth, and files lie beside it by their hash."""
