"""Reads a manifest that `dualtable deploy` printed, and prints one worker's command line, variables and files as JSON.

    worker_lines.py kubernetes|step-functions < manifest
"""

import json
import sys

import yaml

documents = list(yaml.safe_load_all(sys.stdin))
if sys.argv[1] == "kubernetes":
    kinds = {document["kind"]: document for document in documents}
    pod = kinds["Job"]["spec"]["template"]["spec"]
    [worker] = pod["containers"]
    line, variables = worker["command"] + worker["args"], worker["env"]
    # Kubernetes' own escape of its own substitution.
    line = [word.replace("$$(", "$(") for word in line]
    environment = {variable["name"]: variable["value"] for variable in variables}
    files = kinds["ConfigMap"]["data"]
else:
    [worker] = documents[0]["Resources"]["BackfillTask"]["Properties"]["ContainerDefinitions"]
    line = worker["EntryPoint"] + worker["Command"]
    environment = {variable["Name"]: variable["Value"] for variable in worker["Environment"]}
    files = {}
print(json.dumps({"line": line, "environment": [f"{name}={value}" for name, value in environment.items()], "files": files}))
