"""The people-facing process: platforms, commands, delivery. It never imports torch."""
