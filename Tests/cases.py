"""The end of a script of cases: runs those that the command line names behind its first argument, or all, and prints how each went."""

import sys


def main(cases):
    wanted, failed = sys.argv[2:], False
    for case in cases:
        if wanted and case.__name__ not in wanted:
            continue
        try:
            case()
            print(f"{case.__name__}: ok", flush=True)
        except Exception as error:
            failed = True
            print(f"{case.__name__}: failed: {type(error).__name__}: {error}", flush=True)
    sys.exit(failed)
