"""Bases that nothing is drawn with here, one file for each kind: only their layers are written."""
