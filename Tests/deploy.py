"""Judges what `dualtable deploy` prints by code of others.

    deploy.py TOOL [CASE...]

kubernetes-validate checks every object against Kubernetes' own schemas, strictly; cfn-lint checks the template; moto's interpreter, as
LocalStack wrote it, runs the state machine, with tasks that end as a script says. What the commands are to hold is read back by a YAML
parser. Prints a line for each case; exits 1 if one fails.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from unittest.mock import patch

import boto3
import cases
import kubernetes_validate
import yaml
from moto import mock_aws
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_ecs import StateTaskServiceEcs
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

TOOL = sys.argv[1]
USERS = open(os.path.join(os.path.dirname(__file__), "..", "Mappings", "users.yaml")).read()
TABLES = {"--old": "users", "--new": "users-v2", "--control": "migrations", "--image": "registry.example/dualtable:1"}

# Text that is YAML's, JSON's, a shell's, Kubernetes' or CloudFormation's own, where it isn't quoted.
HOSTILE = USERS + "# --- \"quotes\" 'and' \\ $(AWS_REGION) ${AWS::Region} `id` %s\t tab, ü 日 \U0001f600\n#---\n"


def deploy(kind, *flags, mapping=USERS, fails=False, **tables):
    """Runs the command with a mapping file; hands back what it prints, or its errors."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mapping.yaml")
        with open(path, "w", newline="") as file:
            file.write(mapping)
        line = [f"{name}={value}" for name, value in {**TABLES, "--mapping": path, **{f"--{k}": v for k, v in tables.items()}}.items()]
        run = subprocess.run([TOOL, "deploy", kind, *line, *flags], capture_output=True, text=True, env={"HOME": folder}, cwd=folder)
    assert (run.returncode == 2) == fails and run.returncode in (0, 2), run
    return run.stderr if fails else run.stdout


def objects(*flags, **more):
    """The objects of a manifest, valid by the schemas of the oldest and the newest Kubernetes that are looked at."""
    found = {}
    for document in yaml.safe_load_all(deploy("kubernetes", *flags, **more)):
        for version in ("1.29", "1.34"):
            kubernetes_validate.validate(document, version, strict=True)
        found[document["kind"]] = document
    return found


def kubernetes():
    """A manifest is valid, its parts name each other, and the worker gets what was said."""
    role = "arn:aws:iam::123456789012:role/migrator"
    flags = ("--workers", "8", "--role-arn", role, "--namespace", "data", "--region", "eu-central-1", "--write-wcu", "80%", "--eventual")
    found = objects(*flags)
    assert list(found) == ["ServiceAccount", "ConfigMap", "Job", "PodDisruptionBudget"]
    assert all(o["metadata"]["namespace"] == "data" for o in found.values())
    assert found["ServiceAccount"]["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": role}
    assert found["ConfigMap"]["data"] == {"mapping.yaml": USERS}
    job = found["Job"]["spec"]
    assert job["parallelism"] == job["completions"] == 8
    pod = job["template"]["spec"]
    assert pod["serviceAccountName"] == found["ServiceAccount"]["metadata"]["name"]
    assert pod["volumes"][0]["configMap"]["name"] == found["ConfigMap"]["metadata"]["name"]
    labels = job["template"]["metadata"]["labels"]
    assert found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    worker = pod["containers"][0]
    assert worker["env"] == [{"name": "AWS_REGION", "value": "eu-central-1"}]
    assert worker["command"] == ["dualtable"] and worker["args"] == [
        "backfill", "--old=users", "--new=users-v2", "--mapping=/etc/dualtable/mapping.yaml", "--control=migrations",
        "--write-wcu=80%", "--eventual", "--log-format=json",
    ]  # fmt: skip
    assert worker["securityContext"]["readOnlyRootFilesystem"] and pod["securityContext"]["runAsNonRoot"]
    assert worker["workingDir"] == worker["volumeMounts"][1]["mountPath"] == "/var/lib/dualtable"
    # Each mount is there, and is a volume.
    assert [mount["name"] for mount in worker["volumeMounts"]] == [volume["name"] for volume in pod["volumes"]]


def hostile_names():
    """Whatever a mapping, a table's name and an endpoint hold arrives as it is; what can't is refused."""
    for mapping in (HOSTILE, "---\n" + USERS, USERS + "\n\n", USERS.rstrip("\n"), USERS.replace("\n", "\r\n"), "# \t\n" + USERS, " \n" + USERS, "\n" + USERS):
        found = objects(mapping=mapping)
        assert found["ConfigMap"]["data"]["mapping.yaml"] == mapping, mapping
        template = yaml.safe_load(deploy("step-functions", mapping=mapping))
        for variable in container(template, "BackfillTask")["Environment"]:
            assert variable["Name"] != "MAPPING_YAML" or variable["Value"] == mapping, mapping
    names = set()
    for old in ("Users.Old_1", "users-old-1", "users_old_1", "a" * 255, "arn:aws:dynamodb:eu-central-1:123456789012:table/Users", "---"):
        job = objects(old=old)["Job"]
        names.add(job["metadata"]["name"])
        assert job["spec"]["template"]["spec"]["containers"][0]["args"][1] == f"--old={old}"
    assert len(names) == 6 and all(len(name) <= 52 for name in names), names
    args = objects("--endpoint-url", "http://h/$(AWS_REGION)")["Job"]["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "--endpoint-url=http://h/$$(AWS_REGION)" in args
    for image in ("", "a b", "x\n", "-x", '"', "a" * 2000):
        assert "image" in deploy("kubernetes", image=image, fails=True)
    for flags in (("--role-arn", "x"), ("--namespace", "A"), ("--workers", "0"), ("--write-wcu", "many"), ("--old", "a b")):
        assert flags[0] in deploy("kubernetes", *flags, fails=True) or flags[0] == "--old"
    # As long as a config map may be.
    objects(mapping=USERS + "#" * ((1 << 20) - len(USERS)))
    assert "at most 1048576" in deploy("kubernetes", mapping=USERS + "#" * (1 << 20), fails=True)
    assert "task definition has room" in deploy("step-functions", mapping=USERS + "#" * 50_000, fails=True)
    assert "{{resolve:" in deploy("step-functions", mapping=USERS + "# {{resolve:ssm:secret}}\n", fails=True)
    assert "40 workers" in deploy("step-functions", "--workers", "41", fails=True)


def container(template, task):
    return template["Resources"][task]["Properties"]["ContainerDefinitions"][0]


def step_functions():
    """cfn-lint finds nothing; roles speak of these tables alone, and tasks say what the tool takes."""
    arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/Users"
    for flags, tables in (((), {}), (("--region", "eu-west-1", "--write-mode", "batch"), {}), ((), {"old": arn})):
        text = deploy("step-functions", *flags, **tables)
        assert not lint(text), lint(text)
        template = yaml.safe_load(text)
        for name in ("WorkerRole", "VerifierRole"):
            for statement in template["Resources"][name]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]:
                assert all(action.startswith("dynamodb:") for action in statement["Action"])
                resources = [r.get("Fn::Sub") if isinstance(r, dict) else r for r in statement["Resource"]]
                assert all(r.split(":table/")[1] in ("users", "Users", "users-v2", "migrations") for r in resources), resources
                if name == "VerifierRole":
                    # The verifier writes to the control table alone.
                    writes = [a for a in statement["Action"] if "Put" in a or "Update" in a or "Delete" in a or "Insert" in a]
                    assert not writes or all(r.endswith("/migrations") for r in resources), statement
        backfill = container(template, "BackfillTask")
        assert backfill["ReadonlyRootFilesystem"] and backfill["Command"][0] == "backfill" and "--time-limit=12h" in backfill["Command"]
        verify = container(template, "VerifyTask")["Command"]
        assert verify[0] == "verify" and "--control=migrations" in verify and "--time-limit=12h" in verify and not any("--state" in w for w in verify)
        report = container(template, "ReportTask")["Command"]
        assert report[0] == "report" and "--control=migrations" in report and "--json" in report
        # The shell makes the mapping's file of the variable, and hands the rest on as it is.
        shell = backfill["EntryPoint"]
        assert shell[:2] == ["/bin/sh", "-c"] and subprocess.run(["sh", "-n", "-c", shell[2]]).returncode == 0


def lint(text):
    """What cfn-lint says of a template, down to its informations."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "template.yaml")
        with open(path, "w", newline="") as file:
            file.write(text)
        lint = os.path.join(os.path.dirname(sys.executable), "cfn-lint")
        run = subprocess.run([sys.executable, lint, "--include-checks", "I", "--", path], capture_output=True, text=True)
    return run.stdout + run.stderr


def state_machine():
    """The state machine on moto's interpreter: workers go on, are judged by how they end, and the report is made whatever happens."""
    template = yaml.safe_load(deploy("step-functions", "--workers", "3"))
    clean = run_machine(template, {})
    assert clean == ("SUCCEEDED", {"BackfillTask": 3, "VerifyTask": 3, "ReportTask": 1}), clean
    # Two come to their limit of time and go on, one ends with dead letters and is done.
    limits = run_machine(template, {"BackfillTask": [3, 3, 1]})
    assert limits == ("SUCCEEDED", {"BackfillTask": 5, "VerifyTask": 3, "ReportTask": 1}), limits
    # So do those that verify, and those that can't are started again.
    verified = run_machine(template, {"VerifyTask": [3, 2, 3]})
    assert verified == ("SUCCEEDED", {"BackfillTask": 3, "VerifyTask": 6, "ReportTask": 1}), verified
    # All know the findings, and the first one to tell ends it.
    status, ran = run_machine(template, {"VerifyTask": [1, 1, 1]})
    assert status == "FAILED" and 1 <= ran.pop("VerifyTask") <= 3 and ran == {"BackfillTask": 3, "ReportTask": 1}, ran
    # A report that fails changes nothing of what the verification said.
    unreported = run_machine(template, {"ReportTask": [2]})
    assert unreported[1]["ReportTask"] == 1, unreported
    # A worker that can't ends in time, and the others finish.
    status, ran = run_machine(template, {"BackfillTask": [2] * 100, "VerifyTask": [1, 1, 1]})
    assert status == "FAILED" and 1 <= ran.pop("VerifyTask") <= 3 and ran == {"BackfillTask": 60, "ReportTask": 1}, ran


def run_machine(template, script):
    """Runs the definition; `script` has the exit statuses with which a task's first runs end. Returns how it ended and what ran how often."""
    machine = template["Resources"]["StateMachine"]["Properties"]
    definition = json.dumps(machine["Definition"])
    values = {name: name for name in machine["DefinitionSubstitutions"]}
    values.update(Workers="3", Subnets="subnet-1,subnet-2", SecurityGroups="sg-1", AssignPublicIp="DISABLED", Cluster="cluster")
    for name, value in values.items():
        definition = definition.replace("${" + name + "}", value)
    assert "${" not in definition, definition
    # Nobody has half a minute for each pause here.
    definition = definition.replace('"Seconds": 30', '"Seconds": 0')
    ran = {}
    left = {task: list(statuses) for task, statuses in script.items()}

    def run_task(self, env, resource_runtime_part, normalised_parameters, state_credentials):
        network = normalised_parameters["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert network["Subnets"] == ["subnet-1", "subnet-2"] and network["SecurityGroups"] == ["sg-1"], network
        task = normalised_parameters["TaskDefinition"]
        ran[task] = ran.get(task, 0) + 1
        env.stack.append({"TaskDefinition": task})

    def await_task(self, env, *_, **__):
        task = env.stack.pop()["TaskDefinition"]
        status = left[task].pop(0) if left.get(task) else 0
        ended = {"LastStatus": "STOPPED", "Containers": [{"Name": "dualtable", "ExitCode": status}]}
        if status == 0:
            return lambda: ended
        # As the service has it: a task whose container fails is a failure, with the task as its cause.
        name = StatesErrorNameType.StatesTaskFailed
        details = EventDetails(
            taskFailedEventDetails={"resource": "runTask.sync", "resourceType": "ecs", "error": name.to_name(), "cause": json.dumps(ended)}
        )
        raise FailureEventException(FailureEvent(env, StatesErrorName(typ=name), HistoryEventType.TaskFailed, details))

    # What runs tasks is told by the script; what runs states is moto's.
    with patch.object(StateTaskServiceEcs, "_eval_service_task", run_task), patch.object(
        StateTaskServiceEcs, "_build_sync_resolver", await_task
    ), mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        client = boto3.client("stepfunctions", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
        role = "arn:aws:iam::123456789012:role/states"
        arn = client.create_state_machine(name="migration", definition=definition, roleArn=role)["stateMachineArn"]
        execution = client.start_execution(stateMachineArn=arn)["executionArn"]
        for _ in range(600):
            status = client.describe_execution(executionArn=execution)["status"]
            if status != "RUNNING":
                return status, ran
            time.sleep(0.05)
    raise AssertionError(f"it doesn't end: {ran}")


CASES = [kubernetes, hostile_names, step_functions, state_machine]

cases.main(CASES)
