"""What sm-import does, with Python's csv and json modules: rows in, lines of pairs out. With `drop` it
only reads.
usage: import_python.py rows|csv FILE [drop]"""
import csv
import gzip
import json
import sys


def turns(value):
    return [{"content": value, "role": "user"}] if isinstance(value, str) else value


def reply(value):
    return {"content": value, "role": "assistant"} if isinstance(value, str) else value


kind, path, *drop = sys.argv[1:]
with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file) if kind == "csv" else map(json.loads, file):
        if drop:
            continue
        sys.stdout.write(json.dumps({"type": "pair", "user_id": row["user_id"], "context": turns(row["context"]),
                                     "chosen": reply(row["chosen"]), "rejected": reply(row["rejected"])},
                                    ensure_ascii=False, separators=(",", ":")) + "\n")
