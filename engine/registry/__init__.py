"""A space's LoRAs: intake, entries, what fits what, search."""
