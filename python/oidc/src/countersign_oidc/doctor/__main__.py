"""The command line: text for people, one line of JSON for ``countersign doctor --flask``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from .examine import Report, examine
from .finding import Finding, exit_code


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what was found; the exit code is 0, or that of the worst fault."""
    parser = argparse.ArgumentParser(
        prog="python -m countersign_oidc.doctor",
        description="The OpenID Connect settings of a Flask application, and what changes when its extension "
        "is swapped.",
    )
    parser.add_argument("application", metavar="MODULE:APP", help="such as app:app, or app:create_app")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    given = parser.parse_args(arguments)
    report = examine(given.application)
    print(json.dumps(report.to_dict()) if given.json else text(report))
    return exit_code(report.findings)


def text(report: Report) -> str:
    """For people."""
    lines = [f"Application {report.application}"]
    lines += [line for finding in report.findings for line in _lines(finding)]
    if report.differences:
        lines += ["", "What changes with the swap"]
    for difference in report.differences:
        lines += [
            f"  {difference.name}",
            f"      before: {difference.before}",
            f"      after:  {difference.after}",
        ]
        lines += [f"      back:   {difference.switch}"] if difference.switch else []
    for provider in (provider for facts in report.facts for provider in facts.providers):
        lines += ["", f"Its provider is looked at by: countersign doctor --flask {report.application}"]
        lines += [f"                          or: countersign doctor {provider.to_dict()['issuer']}"]
    return "\n".join(_clean(line) for line in lines)


def _lines(finding: Finding) -> list[str]:
    lines = [f"  {finding.level:7}  {finding.check:16}  {finding.message}"]
    further = [("Change", finding.change), ("Setting", finding.setting)]
    lines += [f"{'':29}{title}: {what}" for title, what in further if what]
    return lines


def _clean(line: str) -> str:
    """Nothing that an application wrote steers the terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in line)


if __name__ == "__main__":
    sys.exit(main())
