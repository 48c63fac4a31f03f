"""Applications as users write them, and the requests that are measured.

Both sides run the same ones, which is what a drop-in is.
"""
