#!/usr/bin/env python3
"""A raw socket client that speaks revision 1 line by line, against a running `nest-peer serve`.

usage: raw_tcp.py HOST PORT [--pid PID] [--golden FILE] [--only WORD]…

Prints a line for each case and how many passed; the exit code is 1 when one failed. With the server's --pid its memory
is watched too. Needs nothing but Python.
"""

import argparse
import resource
import sys

import cases_bytes
import cases_envelope
import cases_failures
import cases_hostile
import cases_payloads
import cases_streams
from suite import Server, run

MODULES = [cases_payloads, cases_envelope, cases_failures, cases_bytes, cases_streams, cases_hostile]


def raise_file_limit():
  _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
  resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main():
  parser = argparse.ArgumentParser(description="Speaks revision 1 to a running nest-peer.")
  parser.add_argument("host")
  parser.add_argument("port", type=int)
  parser.add_argument("--pid", type=int, help="the server's process, to watch its memory")
  parser.add_argument("--golden", help="the golden examples of revision 1")
  parser.add_argument("--only", action="append", default=[], help="cases whose name contains this word")
  options = parser.parse_args()
  raise_file_limit()
  server = Server(options.host, options.port, options.pid, options.golden)
  return 1 if run(server, options.only) else 0


if __name__ == "__main__":
  sys.exit(main())
