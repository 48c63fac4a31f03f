"""Applications as users write them, started by gunicorn. ``ISSUER`` says where the provider is.

Each answers with the process that it runs in, and ``WARM`` makes it ask the provider before the fork.
"""
