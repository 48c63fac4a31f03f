"""What the drop-ins share: settings, transports, and the answers that need no engine."""
