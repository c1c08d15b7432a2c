#!/usr/bin/env bash
# The steps of the action: review.sh check|diff|lint. Settings come as variables; see action.yml.
set -euo pipefail

portolan=${PORTOLAN:-portolan}
out=${RUNNER_TEMP:-$(mktemp -d)}
base=()
if [ -n "${BASE:-}" ]; then
  base=(--base "$BASE")
fi
read -r -a options <<<"${OPTIONS:-}"

# What is named is opened where it is named: a link that a change puts on the way could lead anywhere.
# What lies outside of the checkout is the workflow's own.
here=$(pwd -P)
for place in "$MANIFESTS" "${BASE:-}" "${RULES:-}"; do
  if [ -z "$place" ]; then
    continue
  fi
  plain=$(realpath -ms -- "$place")
  if [[ $plain/ != "$here"/* ]]; then
    continue
  fi
  if [ "$(realpath -m -- "$plain")" != "$plain" ]; then
    echo "$(printf '%q' "$place"): a link leads there" >&2
    exit 65
  fi
done

# Runs a command that exits with 1 where it found something, which is no failure of the step.
found() {
  local code=0
  "$@" || code=$?
  if [ "$code" -gt 1 ]; then
    exit "$code"
  fi
}

check() {
  "$portolan" compile -f "$MANIFESTS" -R "${base[@]}" "${options[@]}" --all-nodes --out "$RULES" --check
}

# Replaces the comment that begins with the same line, or writes the first.
comment() {
  local file=$1 comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" id
  MARKER=$(head -n 1 "$file")
  export MARKER
  id=$(gh api --paginate "$comments" \
    --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id' | head -n 1)
  if [ -n "$id" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$file"
  else
    gh api --silent --method POST "$comments" -F "body=@$file"
  fi
}

# Whether the revision is there, and has no manifests in the folder.
is_new() {
  local files
  git rev-parse --verify --quiet "$AGAINST^{commit}" >/dev/null || return 1
  files=$(git ls-tree -r --name-only "$AGAINST" -- "$MANIFESTS")
  ! grep -Eq '\.(ya?ml|json)"?$' <<<"$files"
}

diff() {
  # Both sides are manifests, whatever a change adds to the folder.
  local old="manifests:git:$AGAINST:$MANIFESTS" new="manifests:path:$MANIFESTS" note=""
  if is_new; then
    old=@nothing
    note="\`$MANIFESTS\` is new: \`$AGAINST\` has no manifests there."
  fi
  local sides=("$old" "$new" -R "${base[@]}" "${options[@]}")
  found "$portolan" diff "${sides[@]}" --output markdown --marker "${NAME:-diff}" >"$out/diff.md"
  if [ -n "$note" ]; then
    printf '\n%s\n' "$note" >>"$out/diff.md"
  fi
  found "$portolan" diff "${sides[@]}" --output github
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    cat "$out/diff.md" >>"$GITHUB_STEP_SUMMARY"
  fi
  if [ -n "${PULL_REQUEST:-}" ]; then
    comment "$out/diff.md"
  fi
  if [ -n "${RADIUS:-}" ]; then
    "$portolan" diff "${sides[@]}" --blast-radius "$RADIUS" >/dev/null
  fi
}

lint() {
  found "$portolan" lint -f "$MANIFESTS" -R "${base[@]}" --output "sarif=$out/lint.sarif" --output github
  if [ -n "${GH_TOKEN:-}" ]; then
    gzip -c "$out/lint.sarif" | base64 -w 0 >"$out/lint.sarif.gz.base64"
    gh api --silent --method POST "repos/$GITHUB_REPOSITORY/code-scanning/sarifs" \
      -f "commit_sha=$GITHUB_SHA" -f "ref=$GITHUB_REF" -F "sarif=@$out/lint.sarif.gz.base64"
  fi
}

case ${1:-} in
  check | diff | lint) "$1" ;;
  *)
    echo "usage: $0 check|diff|lint" >&2
    exit 64
    ;;
esac
