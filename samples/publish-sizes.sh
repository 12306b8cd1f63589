#!/usr/bin/env bash
# Publishes the sample that trains and the one that only scores, and prints the size of each on disk.
# Usage: samples/publish-sizes.sh [runtime identifier]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runtime="${1:-linux-x64}"
# The output is outside the bin and obj folders of the working tree, which publishing for one runtime would change.
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

printf '| Application (%s, needs the .NET runtime) | Size | Without debug symbols and documentation | Largest files |\n' "$runtime"
printf '|---|---|---|---|\n'
for sample in QuickStart ScoreImages; do
  out="$work/published/$sample"
  if ! dotnet publish "samples/$sample" --configuration Release --runtime "$runtime" --no-self-contained \
    --artifacts-path "$work/artifacts" --output "$out" > "$work/log" 2>&1; then
    cat "$work/log" >&2
    exit 1
  fi
  megabytes() { find "$out" -type f "$@" -printf '%s\n' | awk '{ sum += $1 } END { printf "%.0f MB", sum / 1e6 }'; }
  largest="$(find "$out" -type f -printf '%s %f\n' | sort -rn | head -3 | awk '{ printf "%s%s %.0f MB", (NR == 1 ? "" : ", "), $2, $1 / 1e6 }')"
  printf '| %s | %s | %s | %s |\n' "$sample" "$(megabytes)" "$(megabytes ! -name '*.pdb' ! -name '*.xml' ! -name '*.dbg')" "$largest"
done
