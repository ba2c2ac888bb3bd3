#!/usr/bin/env python3
"""Compiles what a module does with a C module once more, with other C headers, and links it with everything else that
`swift build --build-tests` has built.

usage: relink.py --module NAME --imports NAME --include FOLDER --library FOLDER --folder FOLDER

Only files that import the C module see its headers: they are compiled, with the arguments of the build. Nothing of it is
changed: what comes out is FOLDER/tests.
"""

import argparse
import json
import pathlib
import re
import shlex
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


def compile_files(arguments, options, folder):
  """The objects of the files that import the C module, by the files' names."""
  compiler, *rest = without(arguments, DROPPED)
  flags = ["-c", "-disable-batch-mode", "-module-cache-path", str(folder / "cache"), "-driver-print-jobs"]
  printed = subprocess.run(
    [compiler, "-Xcc", "-isystem", "-Xcc", options.include, *rest, *flags], check=True, cwd=folder, text=True,
    stdout=subprocess.PIPE).stdout
  imports = re.compile(rf"^ *(\w+ )?import {options.imports}$", re.MULTILINE)
  objects = {}
  for job in map(shlex.split, printed.splitlines()):
    if "-primary-file" not in job:
      continue
    source = pathlib.Path(job[job.index("-primary-file") + 1])
    if not imports.search(source.read_text()):
      continue
    target = folder / f"{source.name}.o"
    job[job.index("-o") + 1] = str(target)
    subprocess.run(job, check=True, cwd=ROOT)
    objects[source.name] = target
  if not objects:
    raise SystemExit(f"no file of {options.module} imports {options.imports}")
  return objects


def link(arguments, options, objects, folder):
  """The same objects but for those."""
  index = next(i for i, word in enumerate(arguments) if word.startswith("@") and word.endswith(".LinkFileList"))
  own = re.compile(rf"/{options.module}(-tool)?\.build/(?:.*/)?([^/]+\.swift)\.o")
  lines, replaced = [], set()
  for line in pathlib.Path(arguments[index][1:]).read_text().splitlines():
    match = own.search(line)
    if match and match[2] in objects:
      replaced.add(match[2])
      line = str(objects[match[2]])
    lines.append(line)
  if replaced != set(objects):
    raise SystemExit(f"the tests are not linked with {options.module}")
  listing = folder / "objects"
  listing.write_text("\n".join(lines) + "\n")
  words = without(arguments, {"-o": 1})
  words[words.index(arguments[index])] = f"@{listing}"
  subprocess.run([words[0], "-L", options.library, *words[1:], "-o", str(folder / "tests")], check=True, cwd=ROOT)


def main():
  parser = argparse.ArgumentParser()
  for name in ("module", "imports", "include", "library", "folder"):
    parser.add_argument(f"--{name}", required=True)
  options = parser.parse_args()
  folder = pathlib.Path(options.folder)
  folder.mkdir(parents=True)
  every = dict(commands())
  objects = compile_files(find(every, rf"C\.{options.module}-.*-debug(-tool)?\.module"), options, folder)
  link(find(every, r"C\..*PackageTests-.*-debug(-tool)?\.test(-tool)?"), options, objects, folder)


if __name__ == "__main__":
  main()
