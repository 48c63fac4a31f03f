"""What an AuthMachine application has to be told, out of its environment."""

import os

AUTHMACHINE_URL = os.environ["AUTHMACHINE_URL"]
AUTHMACHINE_CLIENT_ID = os.environ["AUTHMACHINE_CLIENT_ID"]
AUTHMACHINE_CLIENT_SECRET = os.environ["AUTHMACHINE_CLIENT_SECRET"]
AUTHMACHINE_SCOPE = "openid email profile"
APPLICATION_URL = os.environ.get("APPLICATION_URL", "https://application.example.com")
SECRET_KEY = os.environ["SECRET_KEY"]
