"""Drives `dualtable local` with boto3 and the AWS command line, which nobody here wrote.

    local.py TOOL [CASE...]

Starts TOOL on a free port for each case, with the flags that the case is about, and ends it. Prints a line for each case; exits 1 if one fails.
"""

import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
import cases
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

TOOL = sys.argv[1]
HASH_ONLY = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}
ON_DEMAND = {**HASH_ONLY, "BillingMode": "PAY_PER_REQUEST"}


class Server:
    """The tool, serving on a port of its own."""

    def __init__(self, *flags, keys=("AKIDEXAMPLE", "secret")):
        self.environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": keys[0],
            "AWS_SECRET_ACCESS_KEY": keys[1],
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }
        began = time.monotonic()
        self.process = subprocess.Popen(
            [TOOL, "local", "--port", "0", "--json", *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        line = self.process.stdout.readline()
        self.start = time.monotonic() - began
        if not line:
            raise AssertionError("the server did not start: " + self.process.stderr.read())
        said = json.loads(line)
        self.url, self.seed = said["url"], said["seed"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(30)
        return self.process.returncode

    def client(self, key="AKIDEXAMPLE", secret="secret", token=None, attempts=1, service="dynamodb", **more):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="eu-central-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}, read_timeout=5, **more),
        )

    def cli(self, *arguments, fails=False):
        """Runs `aws dynamodb ...` and hands back what it prints, as JSON."""
        aws = os.path.join(os.path.dirname(sys.executable), "aws")
        run = subprocess.run(
            [sys.executable, aws, "dynamodb", *arguments, "--endpoint-url", self.url, "--output", "json"],
            capture_output=True,
            text=True,
            env=self.environment,
        )
        assert (run.returncode != 0) == fails, f"aws {' '.join(arguments)}: {run.returncode} {run.stderr}"
        return run.stderr if fails else json.loads(run.stdout or "{}")


def refusal(call, *arguments, **named):
    """The error that a call ends with."""
    try:
        call(*arguments, **named)
    except ClientError as error:
        return error.response
    raise AssertionError("the call was not refused")


def code(call, *arguments, **named):
    return refusal(call, *arguments, **named)["Error"]["Code"]


def tables(server):
    """Every operation on tables, by boto3."""
    db = server.client()
    db.create_table(
        TableName="orders",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in (("id", "S"), ("at", "N"), ("who", "B"), ("sum", "N"))
        ],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-sum",
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "sum", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-who",
                "KeySchema": [{"AttributeName": "who", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "team", "Value": "blue"}],
    )
    db.get_waiter("table_exists").wait(TableName="orders", WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    table = db.describe_table(TableName="orders")["Table"]
    assert table["TableStatus"] == "ACTIVE" and len(table["GlobalSecondaryIndexes"]) == 1, table
    assert "orders" in db.list_tables()["TableNames"]
    arn = table["TableArn"]
    assert db.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "blue"}]
    db.tag_resource(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "7"}])
    db.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert db.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "cost", "Value": "7"}]
    db.update_time_to_live(TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    ttl = db.describe_time_to_live(TableName="orders")["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] in ("ENABLED", "ENABLING"), ttl
    db.update_table(TableName="orders", DeletionProtectionEnabled=True)
    assert code(db.delete_table, TableName="orders") == "ValidationException"
    db.update_table(TableName="orders", DeletionProtectionEnabled=False)
    db.delete_table(TableName="orders")
    db.get_waiter("table_not_exists").wait(TableName="orders", WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    assert code(db.describe_table, TableName="orders") == "ResourceNotFoundException"


def items(server):
    """Every operation on items, by boto3, with every type of value."""
    db = server.client()
    db.create_table(TableName="items", **ON_DEMAND)
    item = {
        "id": {"S": "a"},
        "n": {"N": "1.50"},
        "b": {"B": b"\x00\xff"},
        "t": {"BOOL": True},
        "z": {"NULL": True},
        "l": {"L": [{"S": "x"}, {"M": {"k": {"N": "007"}}}]},
        "ss": {"SS": ["b", "a"]},
        "ns": {"NS": ["2", "1"]},
        "bs": {"BS": [b"1", b"2"]},
    }
    db.put_item(TableName="items", Item=item)
    got = db.get_item(TableName="items", Key={"id": {"S": "a"}}, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
    assert got["Item"]["n"] == {"N": "1.5"} and got["Item"]["l"]["L"][1]["M"]["k"] == {"N": "7"}, got
    assert got["Item"]["b"]["B"] == b"\x00\xff" and got["ConsumedCapacity"]["CapacityUnits"] == 1.0
    update = db.update_item(
        TableName="items",
        Key={"id": {"S": "a"}},
        UpdateExpression="SET #n = #n + :one REMOVE z ADD ns :more",
        ConditionExpression="attribute_exists(id)",
        ExpressionAttributeNames={"#n": "n"},
        ExpressionAttributeValues={":one": {"N": "1"}, ":more": {"NS": ["3"]}},
        ReturnValues="ALL_NEW",
    )
    assert update["Attributes"]["n"] == {"N": "2.5"} and sorted(update["Attributes"]["ns"]["NS"]) == ["1", "2", "3"]
    refused = refusal(
        db.put_item,
        TableName="items",
        Item={"id": {"S": "a"}},
        ConditionExpression="attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    assert refused["Error"]["Code"] == "ConditionalCheckFailedException" and refused["Item"]["n"] == {"N": "2.5"}
    db.batch_write_item(RequestItems={"items": [{"PutRequest": {"Item": {"id": {"S": f"b{n}"}}}} for n in range(25)]})
    batch = db.batch_get_item(RequestItems={"items": {"Keys": [{"id": {"S": f"b{n}"}} for n in range(30)]}})
    assert len(batch["Responses"]["items"]) == 25 and not batch["UnprocessedKeys"]
    seen = []
    for segment in range(4):
        pages = db.get_paginator("scan").paginate(
            TableName="items", Segment=segment, TotalSegments=4, PaginationConfig={"PageSize": 3}
        )
        seen += [found["id"]["S"] for page in pages for found in page["Items"]]
    assert sorted(seen) == sorted(["a"] + [f"b{n}" for n in range(25)]), seen
    query = db.query(TableName="items", KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": {"S": "b7"}})
    assert query["Count"] == 1
    write = [
        {"Put": {"TableName": "items", "Item": {"id": {"S": "t1"}}, "ConditionExpression": "attribute_not_exists(id)"}},
        {"Delete": {"TableName": "items", "Key": {"id": {"S": "b1"}}}},
        {
            "Update": {
                "TableName": "items",
                "Key": {"id": {"S": "b2"}},
                "UpdateExpression": "SET v = :v",
                "ExpressionAttributeValues": {":v": {"S": "1"}},
            }
        },
        {"ConditionCheck": {"TableName": "items", "Key": {"id": {"S": "b3"}}, "ConditionExpression": "attribute_exists(id)"}},
    ]
    db.transact_write_items(TransactItems=write, ClientRequestToken="token-1")
    db.transact_write_items(TransactItems=write, ClientRequestToken="token-1")
    cancelled = refusal(db.transact_write_items, TransactItems=write)
    assert [reason["Code"] for reason in cancelled["CancellationReasons"]] == ["ConditionalCheckFailed", "None", "None", "None"]
    read = db.transact_get_items(TransactItems=[{"Get": {"TableName": "items", "Key": {"id": {"S": key}}}} for key in ("t1", "b1", "b2")])
    assert [("Item" in response) for response in read["Responses"]] == [True, False, True]
    insert = {"Statement": "INSERT INTO items VALUE {'id': ?, 'v': ?}", "Parameters": [{"S": "p1"}, {"N": "1"}]}
    done = db.batch_execute_statement(Statements=[insert, {**insert, "Parameters": [{"S": "t1"}, {"N": "1"}]}])["Responses"]
    assert "Error" not in done[0] and done[1]["Error"]["Code"] == "DuplicateItem", done
    gone = db.delete_item(TableName="items", Key={"id": {"S": "p1"}}, ReturnValues="ALL_OLD")
    assert gone["Attributes"]["v"] == {"N": "1"}


def command_line(server):
    """The AWS command line, from creation to deletion."""
    server.cli(
        "create-table", "--table-name", "cli", "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=id,AttributeType=S", "AttributeName=g,AttributeType=N",
        "--key-schema", "AttributeName=id,KeyType=HASH",
        "--global-secondary-indexes", 'IndexName=by-g,KeySchema=[{AttributeName=g,KeyType=HASH}],Projection={ProjectionType=ALL}',
    )  # fmt: skip
    server.cli("wait", "table-exists", "--table-name", "cli")
    assert "cli" in server.cli("list-tables")["TableNames"]
    server.cli("put-item", "--table-name", "cli", "--item", '{"id":{"S":"a"},"g":{"N":"1"}}')
    server.cli(
        "update-item", "--table-name", "cli", "--key", '{"id":{"S":"a"}}', "--update-expression", "SET v = :v",
        "--expression-attribute-values", '{":v":{"S":"new"}}',
    )  # fmt: skip
    assert server.cli("get-item", "--table-name", "cli", "--key", '{"id":{"S":"a"}}')["Item"]["v"] == {"S": "new"}
    found = server.cli(
        "query", "--table-name", "cli", "--index-name", "by-g", "--key-condition-expression", "g = :g",
        "--expression-attribute-values", '{":g":{"N":"1.0"}}',
    )  # fmt: skip
    assert found["Count"] == 1
    server.cli("batch-write-item", "--request-items", '{"cli":[{"PutRequest":{"Item":{"id":{"S":"b"}}}}]}')
    assert server.cli("scan", "--table-name", "cli")["Count"] == 2
    batch = '[{"Statement":"INSERT INTO \\"cli\\" VALUE {\'id\': ?}","Parameters":[{"S":"c"}]}]'
    assert "Error" not in server.cli("batch-execute-statement", "--statements", batch)["Responses"][0]
    transaction = '[{"Delete":{"TableName":"cli","Key":{"id":{"S":"c"}}}}]'
    server.cli("transact-write-items", "--transact-items", transaction)
    arn = server.cli("describe-table", "--table-name", "cli")["Table"]["TableArn"]
    server.cli("tag-resource", "--resource-arn", arn, "--tags", "Key=a,Value=b")
    assert server.cli("list-tags-of-resource", "--resource-arn", arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    server.cli("update-time-to-live", "--table-name", "cli", "--time-to-live-specification", "Enabled=true,AttributeName=ttl")
    again = server.cli(
        "put-item", "--table-name", "cli", "--item", '{"id":{"S":"a"}}',
        "--condition-expression", "attribute_not_exists(id)", fails=True,
    )  # fmt: skip
    assert "ConditionalCheckFailedException" in again, again
    server.cli("delete-table", "--table-name", "cli")
    server.cli("wait", "table-not-exists", "--table-name", "cli")


def operator(server):
    """The operator's commands, and the new table made by what `plan` prints: by the AWS command line, and by boto3."""

    def tool(*arguments, status=0):
        environment = {**server.environment, "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "eu-central-1"}
        line = [TOOL, *arguments, "--old", "users", "--new", "users-v2", "--json"]
        run = subprocess.run(line, capture_output=True, text=True, env=environment)
        assert run.returncode == status, f"{arguments}: {run.returncode} {run.stdout} {run.stderr}"
        return run.stdout

    mapping = ("--mapping", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Mappings", "users.yaml"))
    control = ("--control", "migrations")
    server.cli(
        "create-table", "--table-name", "users", "--key-schema", "AttributeName=id,KeyType=HASH",
        "--attribute-definitions", "AttributeName=id,AttributeType=S", "--tags", "Key=team,Value=blue",
        "--provisioned-throughput", "ReadCapacityUnits=7,WriteCapacityUnits=9", "--deletion-protection-enabled",
    )  # fmt: skip
    server.cli("put-item", "--table-name", "users", "--item", '{"id":{"S":"a"},"enabled":{"S":"Y"}}')
    before = json.loads(tool("plan", *mapping, status=1))
    assert [found["subject"] for found in before["findings"] if found["level"] == "blocker"] == ["newTable"], before
    request = tool("plan", *mapping, "--create-table-json")
    made = server.cli("create-table", "--cli-input-json", request)["TableDescription"]
    assert made["GlobalSecondaryIndexes"][0]["IndexName"] == "byEmail" and made["DeletionProtectionEnabled"], made
    assert made["ProvisionedThroughput"]["WriteCapacityUnits"] == 9
    assert server.cli("list-tags-of-resource", "--resource-arn", made["TableArn"])["Tags"] == [{"Key": "team", "Value": "blue"}]
    server.client().create_table(**{**json.loads(request), "TableName": "users-v3"})
    server.cli("wait", "table-exists", "--table-name", "users-v2")
    assert json.loads(tool("plan", *mapping))["segments"] == 64

    assert json.loads(tool("phase", "init", *mapping, *control))["controlTableCreated"]
    assert json.loads(tool("cutover", "check", *mapping, *control))["mayGoOn"]
    assert json.loads(tool("cutover", "--to", "dualRead", *mapping, *control))["done"]
    stays = json.loads(tool("cutover", "--to", "dualTable", "--yes", *mapping, *control, status=1))
    assert [found["subject"] for found in stays["findings"] if found["level"] == "blocker"] == ["oldTimeToLive"], stays
    assert json.loads(tool("phase", "show", *control))["phase"] == "dualRead"


def signatures():
    """Signatures, tokens and identity policies, judged on requests that botocore signed."""
    keys = [
        {"id": "AKIDADMIN", "secret": "admin/secret+1"},
        {
            "id": "AKIDALICE",
            "secret": "alice",
            "user": "alice",
            "policy": {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": ["dynamodb:Get*", "dynamodb:Query", "dynamodb:PutItem"], "Resource": "*"},
                    {"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": "arn:aws:dynamodb:*:*:table/locked"},
                    {"Effect": "Deny", "Action": "dynamodb:Query", "Resource": "arn:aws:dynamodb:*:*:table/*/index/*"},
                ],
            },
        },
        {"id": "ASIATEMP", "secret": "temp", "sessionToken": "token/1==", "user": "temp"},
        {"id": "ASIAOLD", "secret": "old", "sessionToken": "old", "expiration": 1_000_000_000},
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(keys, file)
        file.flush()
        with Server("--verify-signatures", "--access-keys", file.name, keys=("AKIDADMIN", "admin/secret+1")) as server:
            admin = server.client("AKIDADMIN", "admin/secret+1")
            for name in ("open", "locked"):
                admin.create_table(
                    TableName=name,
                    AttributeDefinitions=HASH_ONLY["AttributeDefinitions"],
                    KeySchema=HASH_ONLY["KeySchema"],
                    BillingMode="PAY_PER_REQUEST",
                    GlobalSecondaryIndexes=[
                        {"IndexName": "again", "KeySchema": HASH_ONLY["KeySchema"], "Projection": {"ProjectionType": "ALL"}}
                    ],
                )
            assert server.cli("list-tables")["TableNames"] == ["locked", "open"]
            assert code(server.client("AKIDADMIN", "wrong").list_tables) == "InvalidSignatureException"
            assert code(server.client("AKIDNOBODY", "x").list_tables) == "UnrecognizedClientException"
            server.client("ASIATEMP", "temp", "token/1==").list_tables()
            assert code(server.client("ASIATEMP", "temp", "other").list_tables) == "UnrecognizedClientException"
            assert code(server.client("ASIAOLD", "old", "old").list_tables) == "ExpiredTokenException"
            alice = server.client("AKIDALICE", "alice")
            alice.put_item(TableName="open", Item={"id": {"S": "ü/日 &="}})
            denied = refusal(alice.put_item, TableName="locked", Item={"id": {"S": "a"}})["Error"]
            assert denied["Code"] == "AccessDeniedException"
            for part in (":user/alice is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:", ":table/locked",
                         "with an explicit deny in an identity-based policy"):  # fmt: skip
                assert part in denied["Message"], denied
            assert "no identity-based policy allows" in refusal(alice.scan, TableName="open")["Error"]["Message"]
            query = {"TableName": "open", "KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "a"}}}
            alice.query(**query)
            assert code(alice.query, **query, IndexName="again") == "AccessDeniedException"
            arn = admin.describe_table(TableName="open")["Table"]["TableArn"]
            policy = {
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": {"AWS": "arn:aws:iam::000000000000:user/alice"},
                        "Action": "dynamodb:GetItem",
                        "Resource": arn,
                    }
                ]
            }
            revision = admin.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy))["RevisionId"]
            got = admin.get_resource_policy(ResourceArn=arn)
            assert got["RevisionId"] == revision and json.loads(got["Policy"]) == policy
            key = {"TableName": "open", "Key": {"id": {"S": "a"}}}
            assert "explicit deny in a resource-based policy" in refusal(alice.get_item, **key)["Error"]["Message"]
            admin.get_item(**key)
            admin.delete_resource_policy(ResourceArn=arn)
            alice.get_item(**key)


def clock_skew():
    """A service whose clock is an hour ahead refuses signatures of now, says what time it is, and botocore adapts."""
    with Server("--verify-signatures", "--faults", "skew=1h") as server:
        first = server.client()
        refused = refusal(first.list_tables)
        assert refused["Error"]["Code"] == "InvalidSignatureException" and "Signature expired" in refused["Error"]["Message"], refused
        assert "date" in refused["ResponseMetadata"]["HTTPHeaders"]


def capacity():
    """Provisioned tables throttle with reasons, batches leave parts unprocessed, and reads are throttled apart from writes."""
    with Server("--capacity") as server:
        db = server.client()
        db.create_table(TableName="slow", **HASH_ONLY, ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 5})
        throttled = None
        for number in range(2_000):
            try:
                db.put_item(TableName="slow", Item={"id": {"S": str(number)}})
            except ClientError as error:
                throttled = error.response
                break
        assert throttled and throttled["Error"]["Code"] == "ProvisionedThroughputExceededException", throttled
        reason = throttled["ThrottlingReasons"][0]
        assert reason["reason"] == "TableWriteProvisionedThroughputExceeded" and reason["resource"].endswith(":table/slow"), reason
        # Two units or so have come meanwhile; where none had, the service refuses the batch as a whole.
        time.sleep(0.5)
        left = db.batch_write_item(RequestItems={"slow": [{"PutRequest": {"Item": {"id": {"S": f"b{n}"}}}} for n in range(25)]})
        assert left["UnprocessedItems"]["slow"], left
        assert "Item" in db.get_item(TableName="slow", Key={"id": {"S": "1"}})
        time.sleep(1)
        unread = db.batch_get_item(RequestItems={"slow": {"Keys": [{"id": {"S": str(n)}} for n in range(100)], "ConsistentRead": True}})
        assert unread["UnprocessedKeys"], unread
        db.create_table(TableName="capped", **ON_DEMAND, OnDemandThroughput={"MaxWriteRequestUnits": 2, "MaxReadRequestUnits": 2})
        refused = None
        for number in range(500):
            try:
                db.put_item(TableName="capped", Item={"id": {"S": str(number)}})
            except ClientError as error:
                refused = error.response
                break
        assert refused and refused["Error"]["Code"] == "ThrottlingException", refused
        assert refused["throttlingReasons"][0]["reason"] == "TableWriteMaxOnDemandThroughputExceeded", refused


def create(server):
    """Creates the table, whatever comes in between."""
    for _ in range(20):
        try:
            return server.client().create_table(TableName="tab", **ON_DEMAND)
        except (ClientError, BotoCoreError) as error:
            if "ResourceInUse" in str(error):
                return None
    raise AssertionError("twenty tries")


def run_of_faults(server, count=150):
    """What each of a run of puts met, one after another on one connection."""
    db = server.client()
    met = []
    for number in range(count):
        try:
            db.put_item(TableName="tab", Item={"id": {"S": str(number)}})
            met.append("ok")
        except ClientError as error:
            met.append(error.response["Error"]["Code"])
        except BotoCoreError as error:
            met.append(type(error).__name__)
    return met


def faults():
    """Every fault shows itself to botocore, and one seed gives the same ones to the same requests."""
    text = (
        "throttled=0.07,failed-before=0.07,failed-after=0.07,unavailable=0.07,lost-request=0.07,lost-answer=0.07,"
        "duplicated=0.07,late=0.07,reset=0.07,truncated=0.07,corrupted=0.07,expired=0.07,delay=0ms..2ms"
    )
    runs = []
    for seed in (42, 42, 43):
        with Server("--faults", text, "--seed", str(seed)) as server:
            assert server.seed == seed
            create(server)
            runs.append(run_of_faults(server))
    met = set(runs[0])
    for name in ("ok", "InternalServerError", "ExpiredTokenException", "ConnectionClosedError", "ProvisionedThroughputExceededException"):
        assert name in met, (name, met)
    assert any("ServiceUnavailable" in name or name == "503" for name in met), met
    assert runs[0] == runs[1], "one seed, two runs"
    assert runs[0] != runs[2], "another seed"


def retries():
    """botocore gets through to the end where it may try again, and nothing is written twice that has a condition."""
    with Server("--faults", "failed-after=0.03,lost-answer=0.03,throttled=0.03,unavailable=0.03", "--seed", "7") as server:
        db = server.client(attempts=10)
        create(server)

        def add(number):
            db.put_item(TableName="tab", Item={"id": {"S": str(number)}})
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(add, range(200)))
        seen = [item["id"]["S"] for page in db.get_paginator("scan").paginate(TableName="tab", ConsistentRead=True) for item in page["Items"]]
        assert sorted(seen) == sorted(map(str, range(200)))


def lag():
    """Eventually consistent reads may show what was, consistent ones never do."""
    with Server("--lag", "2s", "--seed", "5") as server:
        db = server.client()
        db.create_table(TableName="tab", **ON_DEMAND)
        stale = 0
        for number in range(300):
            db.put_item(TableName="tab", Item={"id": {"S": "a"}, "n": {"N": str(number)}})
            key = {"TableName": "tab", "Key": {"id": {"S": "a"}}}
            assert db.get_item(**key, ConsistentRead=True)["Item"]["n"] == {"N": str(number)}
            seen = db.get_item(**key).get("Item", {}).get("n", {"N": "-1"})
            stale += int(seen["N"]) < number
        assert 50 < stale <= 300, stale
        time.sleep(2.1)
        for _ in range(20):
            assert db.get_item(**key)["Item"]["n"] == {"N": "299"}


def data():
    """Nothing is lost on Ctrl-C or SIGTERM, little on SIGKILL, and damage is told."""
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "tables.db")
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            with Server("--data", path) as server:
                db = server.client()
                name = f"tab{int(number)}"
                db.create_table(TableName=name, **ON_DEMAND, Tags=[{"Key": "a", "Value": "ü"}])
                db.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
                for n in range(500):
                    db.put_item(TableName=name, Item={"id": {"S": f"{n}ü"}, "v": {"B": os.urandom(random.randrange(2_000))}})
                before = db.scan(TableName=name)["Items"]
                described = db.describe_table(TableName=name)["Table"]
                assert server.stop(number) == 0, server.process.stderr.read()
            with Server("--data", path) as server:
                db = server.client()
                assert db.scan(TableName=name)["Items"] == before
                assert db.describe_table(TableName=name)["Table"] == described
                assert db.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"] == [{"Key": "a", "Value": "ü"}]
                assert db.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["AttributeName"] == "ttl"
                server.stop()
        with Server("--data", path) as server:
            db = server.client()
            db.put_item(TableName="tab2", Item={"id": {"S": "before the kill"}})
            time.sleep(8)
            server.stop(signal.SIGKILL)
        with Server("--data", path) as server:
            assert "Item" in server.client().get_item(TableName="tab2", Key={"id": {"S": "before the kill"}})
            server.stop()
        content = open(path, "rb").read()
        for damage in (content[:-1], content[:500], content[:300] + b"?" + content[301:], b"something else", content + b"?"):
            open(path, "wb").write(damage)
            run = subprocess.run([TOOL, "local", "--port", "0", "--data", path], capture_output=True, text=True, timeout=20)
            assert run.returncode == 2 and run.stderr.startswith("Error: The data file ") and run.stderr.count("\n") == 1, run
            assert open(path, "rb").read() == damage
    finally:
        shutil.rmtree(folder)


def refusals():
    """A port that is taken and flags that say nothing end the tool with one sentence."""
    with Server() as server:
        port = server.url.rsplit(":", 1)[1]
        for flags, hint in (
            (["--port", port], "another process listens there"),
            (["--port", "70000"], "65,535"),
            (["--host", "no.such.host.invalid", "--port", "0"], "has no address"),
            (["--faults", "lost-anwser=1"], "isn't known"),
            (["--faults", "throttled=7"], "throttled=0.05"),
            (["--access-keys", "/no/such/file"], "/no/such/file"),
            (["--seed", "x"], "whole number"),
            (["--prot", "1"], "--port"),
        ):
            run = subprocess.run([TOOL, "local", *flags], capture_output=True, text=True, timeout=20)
            assert run.returncode == 2 and hint in run.stderr, (flags, run)
    assert server.url.startswith("http://127.0.0.1:")


def browser(server):
    """A page in a browser gets nothing, by whatever name it reached the server."""
    server.client().create_table(TableName="tab1", **ON_DEMAND)
    fields = {"Host": "rebound.example", "X-Amz-Target": "DynamoDB_20120810.ListTables"}
    for origin, status in (({}, 200), ({"Origin": "http://rebound.example:8000"}, 403), ({"Origin": "null"}, 403)):
        connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
        connection.request("POST", "/", "{}", {**fields, **origin})
        answer = connection.getresponse()
        assert answer.status == status and (b"tab1" in answer.read()) == (status == 200), (origin, answer.status)
        assert not answer.getheader("Access-Control-Allow-Origin")
        connection.close()


def start():
    """It answers each time it is started, and tells how fast."""
    times = []
    for _ in range(10):
        with Server() as server:
            times.append(server.start)
            server.client().list_tables()
    print(f"  started in {min(times) * 1000:.0f} ms at best, {sorted(times)[5] * 1000:.0f} ms typically")


def on_server(case):
    def run():
        with Server() as server:
            case(server)
            assert server.stop() == 0

    run.__name__, run.__doc__ = case.__name__, case.__doc__
    return run


CASES = [
    on_server(tables), on_server(items), on_server(command_line), on_server(operator), on_server(browser), signatures, clock_skew, capacity, faults, retries, lag, data, refusals, start,
]  # fmt: skip

cases.main(CASES)
