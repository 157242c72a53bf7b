"""Networks as block counts and widths: from these numbers the layers of a base are listed."""
