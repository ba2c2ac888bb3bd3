#!/usr/bin/env python3
"""Compiles one module with other C headers, and links it with everything else that `swift build --build-tests` has built.

usage: relink.py --module NAME --include FOLDER --library FOLDER --folder FOLDER

The compiler's arguments are those of the build. Nothing of it is changed: what comes out is FOLDER/tests.
"""

import argparse
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Arguments that belong to the build's own files, and how many words follow them.
DROPPED = {
  "-emit-module-path": 1, "-output-file-map": 1, "-incremental": 0, "-enable-batch-mode": 0, "-emit-dependencies": 0,
  "-index-store-path": 1, "-parseable-output": 0, "-emit-objc-header": 0, "-emit-objc-header-path": 1,
  "-serialize-diagnostics": 0, "-module-cache-path": 1, "-emit-module": 0, "-c": 0}


def commands():
  """The arguments of every command of the last build, by the command's name."""
  name = None
  for line in (ROOT / ".build/debug.yaml").read_text().splitlines():
    if match := re.match(r'  "(.*)":$', line):
      name = match[1]
    elif name and (match := re.match(r"    args: (\[.*\])$", line)):
      yield name, json.loads(match[1])


def find(all_commands, pattern):
  found = [name for name in all_commands if re.fullmatch(pattern, name)]
  # The tests are linked with what was built for tools, where there are macros.
  found.sort(key=lambda name: "-tool." not in name)
  if not found:
    raise SystemExit(f"the build has no {pattern}: `swift build --build-tests` first")
  return all_commands[found[0]]


def without(arguments, dropped):
  kept, index = [], 0
  while index < len(arguments):
    if arguments[index] in dropped:
      index += dropped[arguments[index]]
    else:
      kept.append(arguments[index])
    index += 1
  return kept


def compile_module(arguments, options, folder):
  compiler, *rest = without(arguments, DROPPED)
  target = folder / f"{options.module}.o"
  flags = ["-c", "-whole-module-optimization", "-module-cache-path", str(folder / "cache"), "-o", str(target)]
  subprocess.run(
    [compiler, "-Xcc", "-isystem", "-Xcc", options.include, *rest, *flags], check=True, cwd=ROOT)
  return target


def link(arguments, options, module, folder):
  """The same objects but for the module's own."""
  index = next(i for i, word in enumerate(arguments) if word.startswith("@") and word.endswith(".LinkFileList"))
  lines = pathlib.Path(arguments[index][1:]).read_text().splitlines()
  own = re.compile(rf"/{options.module}(-tool)?\.build/.*\.o")
  objects = [line for line in lines if not own.search(line)]
  if len(objects) == len(lines):
    raise SystemExit(f"the tests are not linked with {options.module}")
  listing = folder / "objects"
  listing.write_text("\n".join([*objects, str(module)]) + "\n")
  words = without(arguments, {"-o": 1})
  words[words.index(arguments[index])] = f"@{listing}"
  subprocess.run([words[0], "-L", options.library, *words[1:], "-o", str(folder / "tests")], check=True, cwd=ROOT)


def main():
  parser = argparse.ArgumentParser()
  for name in ("module", "include", "library", "folder"):
    parser.add_argument(f"--{name}", required=True)
  options = parser.parse_args()
  folder = pathlib.Path(options.folder)
  folder.mkdir(parents=True)
  every = dict(commands())
  module = compile_module(find(every, rf"C\.{options.module}-.*-debug(-tool)?\.module"), options, folder)
  link(find(every, r"C\..*PackageTests-.*-debug(-tool)?\.test(-tool)?"), options, module, folder)


if __name__ == "__main__":
  main()
