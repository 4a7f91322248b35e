#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replays every recording NAME.pgoutput.jsonl of a folder and compares with Debezium's NAME.jsonl, message by message.

usage: compare.py INGEST FOLDER [NAME...]     prints how many were compared; fails on a difference, and when there was nothing"""
import json, pathlib, re, subprocess, sys

PROCESSED = re.compile(r'("op":"[a-z]","ts_ms":)\d+(,"ts_us":)\d+(,"ts_ns":)\d+')


def without_times(text):
    return text if text is None else PROCESSED.sub(r'\1-\2-\3-', text)


def messages(lines):
    """(topic, key, value) of each line, by topic: between topics a recording has no order."""
    records = [json.loads(line) for line in lines]
    return sorted(((r['topic'], r['key'], without_times(r['value'])) for r in records), key=lambda m: m[0])


def snapshot_rows(folder, name, config):
    """Rows that were there before the slot: they are no part of what pgoutput sent."""
    if config.get('snapshot.mode') == 'no_data':
        return 0
    before = (folder / f'{name}.sql').read_text().split('-- after it streams')[0]
    return sum(line.startswith(" ('") for line in before.splitlines())


def show(name, at, want, got):
    """The first place where the message differs, with what is around it."""
    want, got = str(want), str(got)
    place = next((i for i, pair in enumerate(zip(want, got)) if pair[0] != pair[1]), min(len(want), len(got)))
    print(f'{name}: message {at} differs')
    for label, message in (('debezium', want), ('pgcdc   ', got)):
        print(f'  {label} ...{message[max(0, place - 100):place + 100]}')


def compare(ingest, folder, name):
    config = folder / f'{name}.config.json'
    run = subprocess.run([ingest, 'pgcdc', '--replay', folder / f'{name}.pgoutput.jsonl', '--config', config],
                         capture_output=True, text=True, timeout=60)
    got = messages(run.stdout.splitlines())
    want = messages((folder / f'{name}.jsonl').read_text().splitlines())
    want = want[snapshot_rows(folder, name, json.loads(config.read_text())):]
    if run.returncode != 0:
        print(f'{name}: exit code {run.returncode}: {run.stderr.strip()}')
    different = [i for i in range(max(len(want), len(got))) if want[i:i + 1] != got[i:i + 1]]
    for i in different[:1]:
        show(name, i, want[i:i + 1], got[i:i + 1])
    return len(want), len(different) + (run.returncode != 0)


def main():
    ingest, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    names = sys.argv[3:] or sorted(f.name[:-len('.pgoutput.jsonl')] for f in folder.glob('*.pgoutput.jsonl'))
    results = [compare(ingest, folder, name) for name in names]
    compared, different = sum(r[0] for r in results), sum(r[1] for r in results)
    print(f'{len(names)} recordings, {compared} messages compared, {different} differ')
    sys.exit(different != 0 or compared < len(names))


if __name__ == '__main__':
    main()
