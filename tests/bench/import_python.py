"""What sm-import does, with Python's csv and json modules: rows in, lines of pairs out.
usage: import_python.py rows|csv FILE"""
import csv
import json
import sys


def turns(value):
    return [{"content": value, "role": "user"}] if isinstance(value, str) else value


def reply(value):
    return {"content": value, "role": "assistant"} if isinstance(value, str) else value


kind, path = sys.argv[1:]
with open(path, encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file) if kind == "csv" else map(json.loads, file):
        sys.stdout.write(json.dumps({"type": "pair", "user_id": row["user_id"], "context": turns(row["context"]),
                                     "chosen": reply(row["chosen"]), "rejected": reply(row["rejected"])},
                                    ensure_ascii=False, separators=(",", ":")) + "\n")
