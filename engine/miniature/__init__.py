"""The miniature's world: what can be drawn, how it is captioned, and how it is read from pixels."""
