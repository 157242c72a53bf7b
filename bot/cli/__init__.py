"""The host's command line, one file a command; `bot.__main__` registers them."""
