"""check_compose.py FILE BIN: whether the services of a compose file that are ours could start as it says: each command
is a program in the folder BIN, knows all options that it is given, and whoever is named there is in the file."""
import re
import subprocess
import sys

import yaml

IMAGE = "swift-nest-checkout"
VARIABLE = re.compile(r"\$\{COMPOSE_PROFILES:-([a-z]+)\}")


def problems(name, service, compose, folder):
    program, *words = service["command"]
    # A variable with a default stands for both: what it says there, and the profile's name.
    options = [text for word in words for text in (
        [VARIABLE.sub(r"\1", word), VARIABLE.sub("brokers", word)] if VARIABLE.search(word) else [word])]
    text = subprocess.run([f"{folder}/{program}", "--help"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"--[a-z-]+", text))
    yield from (f"{name}: {program} has no option {option}" for option in options if option.split("=")[0] not in known)
    named = service.get("depends_on", []) + [
        match[1] for option in options if (match := re.match(r"--[a-z-]+=(?:[a-z]+://)?([a-z-]+):\d+$", option))]
    yield from (f"{name}: there is no service {other}" for other in named if other not in compose["services"])
    volumes = [volume.split(":")[0] for volume in service.get("volumes", [])]
    yield from (f"{name}: there is no volume {volume}" for volume in volumes if volume not in compose["volumes"])


def main(path, folder):
    with open(path) as file:
        compose = yaml.safe_load(file)
    ours = {name: service for name, service in compose["services"].items() if service["image"] == IMAGE}
    found = [problem for name, service in ours.items() for problem in problems(name, service, compose, folder)]
    if len(ours) != 5:
        found.append(f"expected 5 services of the image {IMAGE}, not {len(ours)}")
    print("\n".join(found) or f"{', '.join(sorted(ours))}: all right")
    return 1 if found else 0


sys.exit(main(*sys.argv[1:]))
