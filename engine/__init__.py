"""The shared engine: registry, director, queue and generation. It knows no platform."""
