#!/usr/bin/env bash
#
# scimmy: a page past the end is the first page.
#
# Expected: startIndex greater than totalResults gives an empty page (RFC 7644
#   3.4.2.4 has the client ask by index, and nothing is at that index). Many clients
#   ask until a page is empty.
# Happens: the answer repeats the startIndex that was asked for and holds the first
#   people again. Only totalResults tells that something is wrong; itemsPerPage says
#   the size that was asked for, also where fewer came.
# A client should: count what arrived, stop at totalResults, and stop at an id that
#   it has seen. Never wait for an empty page alone, and never step by itemsPerPage.
# Concerns us: a list that shrinks between two pages (somebody is removed meanwhile)
#   makes the next question one past the end: people counted twice, and a walk
#   without an end.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for tool in node npm; do
	command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 2; }
done

cat >main.mjs <<'JS'
import SCIMMY from "scimmy";

let people = ["ada", "bea", "cyd", "dov", "eve"].map((id) => ({ id, userName: `${id}@fernwood.example` }));
SCIMMY.Resources.declare(SCIMMY.Resources.User).egress(() => people);

async function page(startIndex, count) {
  const list = await new SCIMMY.Resources.User({ startIndex, count }).read();
  const ids = list.Resources.map((r) => r.id);
  console.log(
    `startIndex=${startIndex} count=${count} of ${people.length}: startIndex ${list.startIndex},`,
    `itemsPerPage ${list.itemsPerPage}, totalResults ${list.totalResults}: ${ids.join(" ")}`);
  return ids;
}

for (const start of [1, 3, 5, 6, 1000]) await page(start, 2);

console.log("Until a page is empty, given up after five:");
let index = 1;
for (let asked = 0; asked < 5; asked++) {
  const ids = await page(index, 3);
  if (ids.length === 0) break;
  index += ids.length;
}

console.log("Somebody is removed between two pages:");
people = people.slice(0, 4);
await page(1, 2);
people = people.slice(0, 2);
await page(3, 2);
JS
timeout 100 npm install --silent --no-audit --no-fund --ignore-scripts --prefix . scimmy@1.3.5 >/dev/null || exit 2
node -p '"scimmy " + require("./node_modules/scimmy/package.json").version'

timeout 30 node main.mjs | tee seen
cat >known <<'TEXT'
startIndex=1 count=2 of 5: startIndex 1, itemsPerPage 2, totalResults 5: ada bea
startIndex=3 count=2 of 5: startIndex 3, itemsPerPage 2, totalResults 5: cyd dov
startIndex=5 count=2 of 5: startIndex 5, itemsPerPage 2, totalResults 5: eve
startIndex=6 count=2 of 5: startIndex 6, itemsPerPage 2, totalResults 5: ada bea
startIndex=1000 count=2 of 5: startIndex 1000, itemsPerPage 2, totalResults 5: ada bea
Until a page is empty, given up after five:
startIndex=1 count=3 of 5: startIndex 1, itemsPerPage 3, totalResults 5: ada bea cyd
startIndex=4 count=3 of 5: startIndex 4, itemsPerPage 3, totalResults 5: dov eve
startIndex=6 count=3 of 5: startIndex 6, itemsPerPage 3, totalResults 5: ada bea cyd
startIndex=9 count=3 of 5: startIndex 9, itemsPerPage 3, totalResults 5: ada bea cyd
startIndex=12 count=3 of 5: startIndex 12, itemsPerPage 3, totalResults 5: ada bea cyd
Somebody is removed between two pages:
startIndex=1 count=2 of 4: startIndex 1, itemsPerPage 2, totalResults 4: ada bea
startIndex=3 count=2 of 2: startIndex 3, itemsPerPage 2, totalResults 2: ada bea
TEXT
diff known seen || { echo "CHANGED" >&2; exit 1; }
echo "As known."
