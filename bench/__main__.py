"""`python -m bench`: run the gateway between a load client and a sink, print what was measured."""

import json
import signal
import sys
from collections.abc import Sequence

from bench.children import RunFailed
from bench.harness import check_smppload, clean, repeat
from bench.options import parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print: progress to stderr, one JSON line on stdout. 0 when nothing went wrong, 1 when something did, 2
    when there was no run."""
    options = parse(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # children are ended on the way out
    try:
        check_smppload(options.smppload)
        figures = repeat(options)
    except RunFailed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 2
    print(json.dumps(figures), flush=True)
    return 0 if clean(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
