"""What the suites share. Nothing here uses the engine, so that both can't share a misreading."""
