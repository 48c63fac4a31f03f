"""Helpers, by their old places."""
