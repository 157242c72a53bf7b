"""How the database grew, one file a step; run by `engine.storage.migration`."""
