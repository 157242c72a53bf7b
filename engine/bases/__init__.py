"""Bases as files: what a folder, a checkpoint or a repository holds, and which of them serve."""
