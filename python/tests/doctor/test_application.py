from __future__ import annotations

import json
import subprocess
import sys

from countersign_oidc.doctor import installed

PLAIN = """
    from flask import Flask
    app = Flask(__name__)
    other = app
"""


def test_an_application_without_one_of_the_three_is_told(look, found):
    assert "uses none of" in found(look(PLAIN), "application")[1][1]


def test_a_name_that_is_no_application_is_wrong(look, found):
    [(level, message)] = found(look(PLAIN, name="application_2"), "application")
    assert level == "wrong"
    assert ":app" in message
    assert "not a Flask" in found(look("def create_app(): return 42", name="create_app"), "application")[0][1]


def test_what_fails_while_it_is_imported_is_placed_without_its_text(look, found):
    [(level, message)] = found(look("raise ValueError('key 5up3rs3cret is bad')"), "application")
    assert level == "wrong"
    assert "ValueError" in message
    assert "line 1" in message
    assert "5up3rs3cret" not in message


def test_a_variable_that_is_missing_in_the_environment_is_named(look, found, monkeypatch):
    monkeypatch.delenv("NOBODY_SETS_THIS", raising=False)
    source = """
    import os

    os.environ["NOBODY_SETS_THIS"]
    """
    [(_, message)] = found(look(source), "application")
    assert "NOBODY_SETS_THIS is not set" in message
    assert "line 4" in message


def test_an_import_that_is_missing_is_named(look, found):
    [(_, message)] = found(look("import surely_nobody_has_this"), "application")
    assert "surely_nobody_has_this" in message


def test_both_packages_at_once_are_wrong_unless_ours_goes_before(monkeypatch):
    monkeypatch.setenv("COUNTERSIGN_SHADOW", "flask_pyoidc, flask_oidc")
    assert installed.Installed("flask_oidc", "2.4.0", "0.1.0").finding().level == "ok"
    monkeypatch.setenv("COUNTERSIGN_SHADOW", "flask_pyoidc")
    both = installed.Installed("flask_oidc", "2.4.0", "0.1.0").finding()
    assert both.level == "wrong"
    assert "pip uninstall Flask-OIDC" in both.change
    assert installed.Installed("flask_oidc", None, "0.1.0").finding().level == "ok"
    assert installed.Installed("flask_oidc", "2.4.0", None).finding().level == "ok"
    assert installed.Installed("flask_oidc", None, None).finding().level == "warning"


def test_what_is_installed_tells_how_it_is_today():
    assert installed.Installed("flask_oidc", "2.4.0", None).generation == "2.x"
    assert installed.Installed("flask_jwt_oidc", "0.8.1", None).generation == "0.8"
    assert installed.Installed("flask_jwt_oidc", None, "0.1.0").generation is None


def test_stand_ins_leave_nothing_behind(look):
    look("""
    from flask import Flask
    from flask_oidc import OpenIDConnect
    app = Flask(__name__)
    """)
    left = [module for name, module in sys.modules.items() if name.split(".")[0] == "flask_oidc"]
    assert all(hasattr(module, "__file__") for module in left)
    assert all(type(finder).__name__ != "_Finder" for finder in sys.meta_path)


def test_an_application_that_subclasses_and_listens_is_imported(look, found):
    report = look("""
    from flask import Flask
    from flask_oidc import OpenIDConnect, signals
    from flask_oidc.model import User
    from flask_oidc.signals import after_authorize
    from flask_pyoidc.auth_response_handler import AuthResponseProcessError

    class MyUser(User):
        pass

    class MyOidc(OpenIDConnect):
        def check(self):
            return self.user_loggedin

    @after_authorize.connect
    def listen(*args):
        pass

    app = Flask(__name__)
    oidc = MyOidc()
    oidc.init_app(app, prefix="/oidc")

    try:
        pass
    except AuthResponseProcessError:
        pass
    """)
    assert found(report, "application")[0][0] == "ok"
    assert [facts.package for facts in report.facts] == ["flask_oidc"]


def test_the_command_prints_one_line_of_json_whatever_the_application_prints(tmp_path):
    (tmp_path / "noisy.py").write_text(
        "print('starting up')\nfrom flask import Flask\nfrom flask_jwt_oidc import JwtManager\n"
        "app = Flask(__name__)\njwt = JwtManager(app)\n"
    )
    command = [sys.executable, "-m", "countersign_oidc.doctor", "noisy:app"]
    ended = subprocess.run([*command, "--json"], cwd=tmp_path, capture_output=True, text=True, check=False)
    report = json.loads(ended.stdout)
    assert report["packages"] == [{"name": "flask_jwt_oidc", "generation": "0.9"}]
    assert ended.returncode == 5, "no issuer is set"
    assert "starting up" in ended.stderr
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "What changes with the swap" in told.stdout
    assert "before:" in told.stdout
