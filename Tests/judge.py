"""Judges a migration of users.yaml from outside: reads both tables with boto3 and compares every item of NEW with what it should be.

    judge.py ENDPOINT OLD NEW < expected.jsonl

Each line of standard input says what a service left at an id: {"id": "u-1", "item": {DynamoDB JSON}} or {"id": "u-1", "item": null}. Every
other id of OLD must be in NEW as the mapping converts it; the conversion is written here once more, on purpose. Tombstones count as
absent. Prints counts as JSON; exits 1 and names the ids if anything differs.
"""

import base64
import json
import sys
from datetime import datetime, timezone
from decimal import ROUND_FLOOR, Decimal

import boto3


def canonical(value):
    """A value in wire form as something that compares by value: numbers exactly, sets and maps without order."""
    [(kind, content)] = value.items()
    if kind == "N":
        return kind, Decimal(content)
    if kind == "B":
        return kind, bytes(content)
    if kind == "L":
        return kind, tuple(canonical(element) for element in content)
    if kind == "M":
        return kind, canonical_item(content)
    if kind == "NS":
        return kind, frozenset(Decimal(number) for number in content)
    if kind == "BS":
        return kind, frozenset(bytes(binary) for binary in content)
    if kind == "SS":
        return kind, frozenset(content)
    return kind, content


def canonical_item(item):
    return frozenset((name, canonical(value)) for name, value in item.items())


def decoded(value):
    """A value of JSON text, with binaries as bytes, the way boto3 hands them out."""
    [(kind, content)] = value.items()
    if kind == "B":
        return {kind: base64.b64decode(content)}
    if kind == "BS":
        return {kind: [base64.b64decode(binary) for binary in content]}
    if kind == "L":
        return {kind: [decoded(element) for element in content]}
    if kind == "M":
        return {kind: {name: decoded(element) for name, element in content.items()}}
    return value


def converted(old):
    """What users.yaml makes of an item."""
    new = {name: value for name, value in old.items() if name not in ("profile", "expires", "enabled", "phone")}
    new["schema"] = {"N": "2"}
    if "profile" in old:
        profile = dict(old["profile"]["M"])
        came_empty = not profile
        if "email" in profile:
            new["email"] = profile.pop("email")
        if "age" in profile:
            new["age"] = {"N": profile.pop("age")["S"]}
        if "created" in profile:
            created = Decimal(profile.pop("created")["N"])
            seconds = created.to_integral_value(ROUND_FLOOR)
            text = datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
            digits = format(created - seconds, "f")[1:].rstrip("0").rstrip(".")
            new["createdAt"] = {"S": text + digits + "Z"}
        if profile or came_empty:
            new["profile"] = {"M": profile}
    if "expires" in old:
        new["expiresAt"] = old["expires"]
    if "enabled" in old:
        new["active"] = {"BOOL": {"Y": True, "N": False}[old["enabled"]["S"]]}
    if "phone" in old:
        contact = dict(old["contact"]["M"]) if "contact" in old else {}
        contact["phone"] = old["phone"]
        new["contact"] = {"M": contact}
    return new


def scan(client, table):
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def main():
    endpoint, old_table, new_table = sys.argv[1:]
    client = boto3.client(
        "dynamodb", endpoint_url=endpoint, region_name="eu-central-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret"
    )
    expected = {item["id"]["S"]: converted(item) for item in scan(client, old_table)}
    written = 0
    for line in sys.stdin:
        said = json.loads(line)
        item = said["item"]
        expected[said["id"]] = item and {name: decoded(value) for name, value in item.items()}
        written += 1
    found, tombstones = {}, 0
    for item in scan(client, new_table):
        if "_dt" in item:
            tombstones += 1
        else:
            found[item["id"]["S"]] = item
    wrong = []
    for key in sorted(expected.keys() | found.keys()):
        want, have = expected.get(key), found.get(key)
        if (want and canonical_item(want)) != (have and canonical_item(have)):
            wrong.append((key, "missing" if have is None else "should not be there" if want is None else "different"))
    print(json.dumps({"live": len(found), "tombstones": tombstones, "written": written, "wrong": len(wrong)}))
    for key, how in wrong[:20]:
        print(f"{key}: {how}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


main()
