# SPDX-License-Identifier: Apache-2.0
# Writes samples/news: invented articles in GDELT's GKG 2.1 format, one zip a 15-minute slot, always the same bytes of text.
# Usage: make_sample.py [--check] FOLDER. Nothing in it was ever published: hosts end in .example, and every row's source says "synthetic".
import datetime
import html
import os
import random
import sys
import zipfile

FIRST, LAST = datetime.date(2026, 1, 5), datetime.date(2026, 2, 20)
SLOTS = ["124500", "173000", "214500"]  # before, during and after New York's session

COMPANIES = {
    "NVDA": ["Nvidia", "Nvidia Corp"],
    "MSFT": ["Microsoft", "Microsoft Corp"],
    "AAPL": ["Apple Inc", "Apple"],
    "AMZN": ["Amazon.com", "Amazon.com Inc"],
    "GOOGL": ["Alphabet Inc", "Google"],
    "META": ["Meta Platforms", "Facebook"],
    "TSLA": ["Tesla Inc", "Tesla"],
    "JPM": ["JPMorgan Chase", "JPMorgan"],
}
# mood, title; {0} is the company
STORIES = [
    (+4.0, "{0} shares rise after quarterly revenue beats estimates"),
    (+3.0, "{0} stock gains as analysts raise their price targets"),
    (+2.0, "{0} signs a multi-year supply deal"),
    (+1.5, "{0} to open a research centre & hire 2,000 engineers"),
    (+0.5, "{0} names a new chief financial officer"),
    (-0.5, "{0} faces questions over data centre power use"),
    (-2.0, "{0} shares slip as regulators open an inquiry"),
    (-3.0, "{0} stock falls after weak guidance"),
    (-4.5, "{0} sued by investors over accounting of costs"),
]
# Words that are companies elsewhere and are not here.
OTHERS = [
    (+2.5, "Apple orchards of the valley expect a record harvest", ["Orchard Growers Association"], ["Apple Valley"]),
    (-3.5, "Fires in the Amazon rainforest spread to a third state", ["Forest Service"], ["Amazon Basin"]),
    (+1.0, "Meta-analysis finds that walking helps sleep", ["University Hospital"], ["Sleep Journal"]),
    (+3.0, "Taylor Swift sells out three nights at the stadium", ["City Council"], ["Taylor Swift"]),
    (-1.0, "Officers shot at a target range during training", ["Police Department"], ["Training Range"]),
    (+0.5, "Block party draws hundreds on Main Street", ["Neighborhood Watch"], ["Main Street"]),
]
THEMES = {True: "ECON_STOCKMARKET,{0};WB_1920_FINANCIAL_SECTOR_DEVELOPMENT,{0};LEADER,{1}", False: "GENERAL_GOVERNMENT,{0};SOC_POINTSOFINTEREST,{1}"}


def row(rng, slot, number, mood, title, organizations, names, about_a_company):
    tone = round(mood + rng.gauss(0, 1), 6)
    positive = round(max(0.0, 3 + tone / 2), 6)
    negative = round(max(0.0, positive - tone), 6)
    words = rng.randint(180, 900)
    at = sorted(rng.randint(20, 3000) for _ in range(4))
    fields = [""] * 27
    fields[0] = f"{slot}-{number}"
    fields[1] = slot
    fields[2] = "1"
    fields[3] = "synthetic.example"
    fields[4] = f"https://synthetic.example/{slot[:8]}/{number}-{'-'.join(title.lower().split()[:4])}?utm_source=sample"
    fields[7] = ";".join(part.split(",")[0] for part in THEMES[about_a_company].split(";")) + ";"
    fields[8] = THEMES[about_a_company].format(at[0], at[1])
    fields[10] = "3#New York, New York, United States#US#USNY#NY061#40.7142#-74.0064#975772#" + str(at[2])
    fields[13] = ";".join(name.lower() for name in organizations)
    fields[14] = ";".join(f"{name},{offset}" for name, offset in zip(organizations, at))
    fields[15] = f"{tone:g},{positive:g},{negative:g},{positive + negative:g},{rng.uniform(15, 30):.6g},{rng.uniform(0, 2):.6g},{words}"
    fields[17] = f"wc:{words},c12.1:{rng.randint(5, 60)},c1.2:{rng.randint(1, 9)},v19.1:{rng.uniform(4, 7):.6g},v42.1:{tone:g}"
    fields[23] = ";".join(f"{name},{offset}" for name, offset in zip(names, at))
    fields[26] = f"<PAGE_AUTHORS>Sam Ple</PAGE_AUTHORS><PAGE_TITLE>{html.escape(title, quote=False)}</PAGE_TITLE>"
    return "\t".join(fields) + "\n"


def slot_rows(rng, slot):
    rows = []
    for ticker, names in COMPANIES.items():
        if rng.random() < 0.45:
            name = rng.choice(names)
            mood, title = rng.choice(STORIES)
            rows.append(row(rng, slot, len(rows), mood, title.format(name), [name], [name], True))
    for mood, title, organizations, names in OTHERS:
        if rng.random() < 0.15:
            rows.append(row(rng, slot, len(rows), mood, title, organizations, names, False))
    return rows


def sample():
    """Yields the name and the text of each file."""
    rng = random.Random(20260220)
    day = FIRST
    while day <= LAST:
        for time in SLOTS if day.weekday() < 5 else SLOTS[1:2]:
            slot = day.strftime("%Y%m%d") + time
            rows = slot_rows(rng, slot)
            if rows:
                yield f"{slot}.gkg.csv", "".join(rows)
        day += datetime.timedelta(days=1)


def write(folder):
    os.makedirs(folder, exist_ok=True)
    for name, text in sample():
        member = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(f"{folder}/{name}.zip", "w") as archive:
            archive.writestr(member, text)


def check(folder):
    wanted = {f"{name}.zip": text for name, text in sample()}
    if sorted(os.listdir(folder)) != sorted(wanted):
        sys.exit(f"{folder} holds other files than make_sample.py writes")
    for name, text in wanted.items():
        with zipfile.ZipFile(f"{folder}/{name}") as archive:
            if archive.read(name.removesuffix(".zip")).decode() != text:
                sys.exit(f"{folder}/{name} is not what make_sample.py writes")


if len(sys.argv) == 3 and sys.argv[1] == "--check":
    check(sys.argv[2])
else:
    write(sys.argv[1])
