"""`./relais check`: everything that is wrong, old or missing in the content, in one list for editors."""

import argparse
from datetime import date
from pathlib import Path

from api.settings import ROOT, load_settings
from fund.checking import KINDS, check_content, is_wrong
from fund.clock import day_in_belgium, system_clock


def main(arguments: list[str]) -> int:
    """Print the findings and return 0; 1 when something is kept from members because it is broken or missing."""
    parser = argparse.ArgumentParser(prog="relais check", description=__doc__)
    parser.add_argument("--date", type=_day, help="the day to check for, as 2027-01-01; default: today")
    parser.add_argument("--data", type=Path, default=ROOT / "data", help="another folder of content")
    options = parser.parse_args(arguments)
    on = options.date or day_in_belgium(load_settings().now or system_clock())
    findings = check_content(options.data, code=ROOT / "fund", on=on)
    for kind, heading in KINDS.items():
        of_kind = [finding for finding in findings if finding.kind == kind]
        if of_kind:
            print(f"{heading} ({len(of_kind)})")
            for finding in of_kind:
                print(f"  {finding.where.removeprefix(f'{ROOT}/')}  {finding.what}")
            print()
    wrong = sum(map(is_wrong, findings))
    print(f"Content on {on}: {wrong} to be mended, {len(findings) - wrong} to know about.")
    return 1 if wrong else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no date; write it as 2027-01-01") from None
