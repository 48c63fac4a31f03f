"""For every gunicorn of the suites; names that an older one doesn't know are left alone by it."""

preload_app = True
workers = 2
bind = "127.0.0.1:0"
control_socket_disable = True
# Seconds after which a worker that hangs is killed, and its request fails.
timeout = 20
