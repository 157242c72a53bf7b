"""The console: a conversation in the terminal, and the worked example of a platform."""
