"""Squeeze: numbers in few bits, and how well the network still hears, measured while the slider moves."""
