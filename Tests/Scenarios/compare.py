"""Judges a migration by users.yaml with AWS's own Python client, sharing no code with the kit.

usage: compare.py ENDPOINT OLD NEW [EXPECTED.jsonl]

Scans both tables, converts every old item by the rules of users.yaml as written down here once more, and compares the result with the
new table, attribute by attribute and type by type. EXPECTED.jsonl overrides single ids with what a service last wrote there:
{"id": "u-1", "item": {DynamoDB JSON}} or {"id": "u-1", "item": null} for a deleted one. Prints one line of JSON; exits 1 on a difference.
"""
import datetime
import decimal
import json
import sys

import boto3

TOMBSTONE = "_dt"


def client(endpoint):
    return boto3.client(
        "dynamodb", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def scan(dynamodb, table):
    items = {}
    arguments = {"TableName": table, "ConsistentRead": True}
    while True:
        page = dynamodb.scan(**arguments)
        for item in page["Items"]:
            items[item["id"]["S"]] = item
        if "LastEvaluatedKey" not in page:
            return items
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def number(text):
    value = decimal.Decimal(text)
    return format(value.normalize(), "f") if value else "0"


def canonical(value):
    (kind, content), = value.items()
    if kind == "N":
        return {"N": number(content)}
    if kind == "NS":
        return {"NS": sorted(number(member) for member in content)}
    if kind in ("SS", "BS"):
        return {kind: sorted(content)}
    if kind == "L":
        return {"L": [canonical(element) for element in content]}
    if kind == "M":
        return {"M": {name: canonical(element) for name, element in content.items()}}
    return value


def canonical_item(item):
    return {name: canonical(value) for name, value in item.items()}


def convert(old):
    """users.yaml: email to the root for an index; types and names mended."""
    rest = {name: value for name, value in old.items()}
    new = {"id": rest.pop("id"), "schema": {"N": "2"}}
    if "M" in rest.get("profile", {}):
        came_empty = not rest["profile"]["M"]
        profile = dict(rest["profile"]["M"])
        if "email" in profile:
            new["email"] = profile.pop("email")
        if "age" in profile:
            age = profile.pop("age")
            new["age"] = {"N": age["S"]}
        if "created" in profile:
            seconds = decimal.Decimal(profile.pop("created")["N"])
            moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(seconds))
            new["createdAt"] = {"S": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if profile or came_empty:
            rest["profile"] = {"M": profile}
        else:
            del rest["profile"]
    if "expires" in rest:
        new["expiresAt"] = rest.pop("expires")
    if "enabled" in rest:
        new["active"] = {"BOOL": {"Y": True, "N": False}[rest.pop("enabled")["S"]]}
    if "phone" in rest:
        new["contact"] = {"M": {"phone": rest.pop("phone")}}
    new.update(rest)
    return new


def main():
    endpoint, old_table, new_table = sys.argv[1:4]
    dynamodb = client(endpoint)
    old, new = scan(dynamodb, old_table), scan(dynamodb, new_table)
    expected = {identifier: convert(item) for identifier, item in old.items()}
    if len(sys.argv) > 4:
        with open(sys.argv[4], encoding="utf-8") as lines:
            for line in lines:
                wish = json.loads(line)
                expected[wish["id"]] = wish["item"]
    differences = []
    tombstones = 0
    for identifier in sorted(set(expected) | set(new)):
        wanted, there = expected.get(identifier), new.get(identifier)
        if there is not None and TOMBSTONE in there:
            tombstones += 1
            there = None
        if (wanted and canonical_item(wanted)) != (there and canonical_item(there)):
            differences.append(identifier)
    print(json.dumps({
        "old": len(old), "new": len(new), "expected": len(expected), "tombstones": tombstones,
        "different": len(differences), "first": differences[:5]}))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
