"""Making the miniature: its autoencoder, its base, its demo LoRAs, and their marks."""
